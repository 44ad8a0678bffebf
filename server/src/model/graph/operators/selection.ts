import {
  hasAttribute,
  hasInput,
  input,
  int,
  ints,
  intsOrInput,
  openSize,
  type Call,
  type Rule,
  type Rules,
} from '../call.ts';
import { computed, dependsOnRows, dividedBy, isEqual, isNumber, numberOf, size, type Size } from '../size.ts';
import {
  axisOf,
  dimsOf,
  isSameAxis,
  rankOf,
  refute,
  rowsTensor,
  unsure,
  valuesTensor,
  type GraphTensor,
} from '../tensor.ts';
import { withoutValues } from './elementwise.ts';

const takesByPlace = 'it takes rows by their place in the batch';

export const concat: Rule = (call) => {
  const parts = call.inputs.filter((tensor) => tensor !== undefined);
  const rank = Math.max(...parts.map(rankOf));
  const axis = axisOf(int(call, 'axis', call.opset < 4 ? 1 : 0), rank);
  const withRows = parts.find((part) => part.rows);
  if (!withRows) {
    const dims = dimsOf(parts[0] as GraphTensor).map((dim, i) =>
      i === axis ? sum(parts.map((part) => dimsOf(part)[i] as Size)) : dim,
    );
    const values = rank <= 1 ? parts.map((part, i) => elementsOf(call, part, i)) : [undefined];
    if (!values.includes(undefined) && values.flat().length <= 64)
      return [
        valuesTensor(
          dims,
          values.flatMap((each) => each ?? []),
        ),
      ];
    return [parts.some(({ counts }) => counts) ? { dims, counts: true } : { dims }];
  }
  const { rows } = withRows;
  if (!rows) return unsure('its rows are not known');
  if (parts.some(({ counts }) => counts)) return unsure('it mixes the number of rows into every row');
  if (rows.axis === axis) return unsure('it lays several batches behind each other');
  for (const part of parts) {
    if (part.rows ? !isSameAxis(part.rows, rows) : true) {
      const own = dimsOf(part)[rows.axis];
      if (part.rows) return refute('the rows of its inputs are on different axes');
      return refute(
        `one of its inputs is laid out for ${(own && numberOf(own)) ?? 'some fixed number of'} rows`,
      );
    }
  }
  const dims = dimsOf(withRows).map((dim, i) =>
    i === axis ? sum(parts.map((part) => dimsOf(part)[i] as Size)) : dim,
  );
  return [rowsTensor(dims, rows)];
};

/** Elements that are not known have a name where they do not depend on the number of rows. */
function elementsOf(call: Call, part: GraphTensor, index: number): readonly (Size | undefined)[] | undefined {
  if (part.values) return part.values;
  const length = numberOf(dimsOf(part)[0] ?? size(1));
  if (length === undefined || length > 64) return undefined;
  return Array.from({ length }, (_, i) => (part.counts ? undefined : openSize(call, `${index}.${i}`)));
}

function sum(sizes: readonly Size[]): Size {
  const numbers = sizes.map(numberOf);
  if (!numbers.includes(undefined)) return size((numbers as number[]).reduce((a, b) => a + b, 0));
  const [first] = sizes as [Size];
  if (sizes.length === 1) return first;
  return computed('sum', ...sizes);
}

const split: Rule = (call) => {
  const tensor = input(call, 0);
  const dims = dimsOf(tensor);
  const axis = axisOf(int(call, 'axis', 0), dims.length);
  if (tensor.rows?.axis === axis) return refute('it takes the batch apart');
  const isGiven = hasAttribute(call, 'split') || hasInput(call, 1);
  const count = call.node.outputs.length;
  const given = isGiven ? intsOrInput(call, 'split', 1) : undefined;
  return call.node.outputs.map((_, i) => {
    const even = dividedBy(dims[axis] as Size, size(count));
    const part = given ? size(given[i] ?? 0) : (even ?? openSize(call, i));
    const to = dims.map((dim, at) => (at === axis ? part : dim));
    if (tensor.values && numberOf(part) !== undefined && dims.length === 1)
      return partOf(tensor, given, part, i);
    return { ...withoutValues(tensor), dims: to };
  });
};

function partOf(
  tensor: GraphTensor,
  given: readonly number[] | undefined,
  part: Size,
  i: number,
): GraphTensor {
  const length = numberOf(part) ?? 0;
  const start = given ? given.slice(0, i).reduce((a, b) => a + b, 0) : i * length;
  return valuesTensor([part], (tensor.values ?? []).slice(start, start + length));
}

/** Ends of this size and more mean all. */
const farEnd = 2 ** 31 - 1;

const slice: Rule = (call) => {
  const tensor = input(call, 0);
  const bounds = call.opset < 10 ? [] : [1, 2, 3, 4].map((index) => call.inputs[index]);
  if (bounds.some((bound) => bound?.rows)) return refute('it cuts by what the rows hold');
  const dims = dimsOf(tensor);
  const values = (index: number, name: string): readonly (Size | undefined)[] | undefined =>
    call.opset < 10
      ? ints(call, name)?.map(size)
      : bounds[index] &&
        (bounds[index].values ??
          Array<undefined>(numberOf(bounds[index].dims?.[0] ?? size(1)) ?? 1).fill(undefined));
  const starts = values(0, 'starts') ?? unsure('where it starts is missing');
  const ends = values(1, 'ends') ?? unsure('where it ends is missing');
  const axes = values(2, 'axes')?.map((axis) => (axis && numberOf(axis)) ?? unsure('its axes are not known'));
  const steps = values(3, 'steps');
  const to = [...dims];
  let { values: kept } = tensor;
  for (let i = 0; i < starts.length; i++) {
    const axis = axisOf(axes?.[i] ?? i, dims.length);
    const dim = dims[axis] ?? unsure('its axes do not fit its input');
    const step = steps ? steps[i] : size(1);
    const cut = sliceOf(dim, starts[i], ends[i], step);
    if (cut === 'all') continue;
    if (tensor.rows?.axis === axis) return refute(takesByPlace);
    const isKnown = cut !== undefined && numberOf(dim) !== undefined;
    if (!isKnown && (!step || dependsOnRows(step))) return unsure('its steps depend on the number of rows');
    to[axis] = isKnown ? size(cut.length) : cutSize(call, axis, starts[i], ends[i], dim);
    kept = isKnown && dims.length === 1 && kept ? cut.map((at) => kept?.[at]) : undefined;
  }
  if (bounds.some((bound) => bound?.counts) && to.some(dependsOnRows) && !tensor.rows)
    return unsure('what it takes depends on the number of rows');
  if (kept && to.length <= 1) return [valuesTensor(to, kept)];
  return [{ ...withoutValues(tensor), dims: to }];
};

/** The places that are taken of a known size; 'all' where it is all in order. */
function sliceOf(
  dim: Size,
  start: Size | undefined,
  end: Size | undefined,
  step: Size | undefined,
): 'all' | readonly number[] | undefined {
  const [from, by] = [start && numberOf(start), step && numberOf(step)];
  const to = end && numberOf(end);
  if (from === 0 && by === 1 && ((to !== undefined && to >= farEnd) || (end && isEqual(end, dim))))
    return 'all';
  const length = numberOf(dim);
  if (from === undefined || to === undefined || by === undefined || by === 0 || length === undefined)
    return undefined;
  const clamp = (at: number, low: number, high: number) =>
    Math.min(Math.max(at < 0 ? at + length : at, low), high);
  const places: number[] = [];
  if (by > 0) for (let at = clamp(from, 0, length); at < clamp(to, 0, length); at += by) places.push(at);
  else for (let at = clamp(from, 0, length - 1); at > clamp(to, -1, length - 1); at += by) places.push(at);
  return places.length === length && by === 1 ? 'all' : places;
}

/** From the beginning to a size is that size, as where a table of positions is cut to the length of a text. */
function cutSize(call: Call, axis: number, start: Size | undefined, end: Size | undefined, dim: Size): Size {
  if (!start || !end || dependsOnRows(start) || dependsOnRows(end))
    return unsure('what it takes is not known');
  if (
    isNumber(start, 0) &&
    numberOf(end) === undefined &&
    numberOf(dim) !== undefined &&
    !end.names.some((n) => n.includes('('))
  )
    return end;
  return computed('cut', dim, start, end, size(axis), openSize(call, 'step'));
}

/** @throws Finding unless rows stay apart */
const gather: Rule = (call) => {
  const [data, indices] = [input(call, 0), input(call, 1)];
  const [dims, picked] = [dimsOf(data), dimsOf(indices)];
  const axis = axisOf(int(call, 'axis', 0), dims.length);
  const to = [...dims.slice(0, axis), ...picked, ...dims.slice(axis + 1)];
  if (!data.rows && !indices.rows) return [gatherValues(data, indices, to)];
  if (data.rows && indices.rows) return refute('it picks from every row for every other');
  if (data.counts || indices.counts) return unsure('what it picks depends on the number of rows');
  if (indices.rows) return [rowsTensor(to, { ...indices.rows, axis: indices.rows.axis + axis })];
  const rows = data.rows ?? unsure('its rows are not known');
  if (rows.axis === axis) return refute(takesByPlace);
  const place = rows.axis < axis ? rows.axis : rows.axis + picked.length - 1;
  return [rowsTensor(to, { ...rows, axis: place })];
};

function gatherValues(data: GraphTensor, indices: GraphTensor, to: readonly Size[]): GraphTensor {
  const values = data.dims?.length === 1 ? data.values : undefined;
  const places = indices.values?.map((index) => index && numberOf(index));
  if (values && places && to.length <= 1)
    return valuesTensor(
      to,
      places.map((at) => (at === undefined ? undefined : values[at < 0 ? at + values.length : at])),
    );
  return data.counts || indices.counts ? { dims: to, counts: true } : { dims: to };
}

const gatherElements: Rule = (call) => {
  const [data, indices] = [input(call, 0), input(call, 1)];
  const axis = axisOf(int(call, 'axis', 0), rankOf(data));
  const dims = dimsOf(indices);
  if (data.counts || indices.counts) return unsure('what it picks depends on the number of rows');
  if (!data.rows && !indices.rows) return [{ dims }];
  if (data.rows?.axis === axis) return refute('it picks from other rows');
  if (!indices.rows) return refute(takesByPlace);
  if (!data.rows) {
    if (indices.rows.axis !== axis) return refute('what it picks depends on the place in the batch');
    return [rowsTensor(dims, indices.rows)];
  }
  if (!isSameAxis(data.rows, indices.rows)) return unsure('the rows of its inputs are on different axes');
  return [rowsTensor(dims, indices.rows)];
};

const gatherNd: Rule = (call) => {
  const [data, indices] = [input(call, 0), input(call, 1)];
  const [dims, picked] = [dimsOf(data), dimsOf(indices)];
  const shared = int(call, 'batch_dims', 0);
  if (data.counts || indices.counts) return unsure('what it picks depends on the number of rows');
  const depth = numberOf(picked.at(-1) as Size) ?? unsure('how deep it picks is not known');
  const to = [...picked.slice(0, -1), ...dims.slice(shared + depth)];
  if (!data.rows && !indices.rows) return [{ dims: to }];
  if (indices.rows?.axis === picked.length - 1) return refute('it picks by places made of several rows');
  if (!data.rows && indices.rows)
    return indices.rows.axis < shared
      ? refute('what it picks depends on the place in the batch')
      : [rowsTensor(to, indices.rows)];
  const rows = data.rows ?? unsure('its rows are not known');
  if (!indices.rows) {
    // Whole rows' parts behind the indexed axes are left as they are.
    if (rows.axis < shared + depth) return refute(takesByPlace);
    return [rowsTensor(to, { ...rows, axis: rows.axis - shared - depth + picked.length - 1 })];
  }
  if (!isSameAxis(rows, indices.rows) || rows.axis >= shared)
    return refute('it picks from every row for every other');
  return [rowsTensor(to, rows)];
};

/** Rows of all inputs must be on the same axis, and that is not the one that is written along. */
const scatterElements: Rule = (call) => {
  const [data, indices, updates] = [0, 1, 2].map((index) => input(call, index));
  if (!data || !indices || !updates) return unsure('an input is missing');
  if (!data.rows && !indices.rows && !updates.rows) return [withoutValues(data)];
  const axis = axisOf(int(call, 'axis', 0), rankOf(data));
  const { rows } = data;
  if (!rows || !indices.rows || !updates.rows) return unsure('it writes at fixed places of the batch');
  if (rows.axis === axis) return refute('it writes into other rows');
  if (!isSameAxis(rows, indices.rows) || !isSameAxis(rows, updates.rows))
    return unsure('the rows of its inputs are on different axes');
  return [withoutValues(data)];
};

export const pad: Rule = (call) => {
  const tensor = input(call, 0);
  const dims = dimsOf(tensor);
  const { rows } = tensor;
  if ([1, 2, 3].some((index) => call.inputs[index]?.rows))
    return refute('its padding is computed from what the rows hold');
  if (call.inputs[2]?.counts) return unsure('what it pads with depends on the number of rows');
  const given =
    call.opset < 11 ? ints(call, call.opset < 2 ? 'paddings' : 'pads')?.map(size) : input(call, 1).values;
  if (!given && !rows && !tensor.counts && !call.inputs[1]?.counts) return [{}];
  const pads = given ?? unsure('its padding is not known');
  const axes = hasInput(call, 3)
    ? (input(call, 3).values?.map((axis) => axisOf((axis && numberOf(axis)) ?? NaN, dims.length)) ??
      unsure('its axes are not known'))
    : dims.map((_, axis) => axis);
  const to = [...dims];
  axes.forEach((axis, i) => {
    const [before, behind] = [pads[i], pads[i + axes.length]];
    if (!before || !behind) return unsure('its padding is not known');
    const [a, b] = [numberOf(before), numberOf(behind)];
    if (a === 0 && b === 0) return undefined;
    if (rows?.axis === axis) return refute('it adds rows to the batch, or takes some away');
    const dim = dims[axis] ?? unsure('its axes do not fit its input');
    const known = numberOf(dim);
    if (dependsOnRows(before) || dependsOnRows(behind))
      return unsure('its padding depends on the number of rows');
    to[axis] =
      known !== undefined && a !== undefined && b !== undefined
        ? size(known + a + b)
        : sum([dim, before, behind]);
    return undefined;
  });
  return [{ ...withoutValues(tensor), dims: to }];
};

/** Each takes some of all elements, and which they are decides where the others come. */
function compacts(what: string): Rule {
  return (call) => {
    if (call.inputs.every((tensor) => !tensor?.rows))
      return [call.inputs.some((tensor) => tensor?.counts) ? { counts: true } : {}];
    return refute(what);
  };
}

const topK: Rule = (call) => {
  const tensor = input(call, 0);
  const dims = [...dimsOf(tensor)];
  const axis = axisOf(int(call, 'axis', -1), dims.length);
  if (call.inputs[1]?.rows) return refute('how many it takes is computed from what the rows hold');
  const count =
    call.opset < 10 ? size(int(call, 'k', 0)) : (input(call, 1).values?.[0] ?? openSize(call, 'k'));
  if (call.inputs[1]?.counts) return unsure('how many it takes depends on the number of rows');
  if (tensor.rows?.axis === axis) return refute('it sorts the rows of the batch');
  dims[axis] = count;
  const found = { ...withoutValues(tensor), dims };
  return [found, found];
};

const stringSplit: Rule = (call) => {
  const { dims, rows } = input(call, 0);
  if (!rows) return [{}, {}];
  if (!dims) return unsure('the shape of its input is not known');
  return refute('its width is that of the row with the most parts');
};

export const selectionRules: Rules = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherNd,
  ScatterElements: scatterElements,
  Scatter: scatterElements,
  Pad: pad,
  TopK: topK,
  StringSplit: stringSplit,
  Unique: compacts('it removes values that any other row has, too'),
  NonZero: compacts('it lists what it finds in all rows in one list'),
  Compress: compacts('it takes some rows out, so that the others move up'),
  NonMaxSuppression: compacts('it lists what it finds in all rows in one list'),
  MaxRoiPool: compacts('its regions name the image that they are in'),
  RoiAlign: compacts('its regions name the image that they are in'),
};
