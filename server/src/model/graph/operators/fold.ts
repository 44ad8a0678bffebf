import { computed, dependsOnRows, dividedBy, isEqual, numberOf, size, times, type Size } from '../size.ts';
import { dimsOf, maxValues, type GraphTensor } from '../tensor.ts';

type Values = readonly (Size | undefined)[];

/** ONNX's numbers of the floating types: float, float16, double, bfloat16. */
const floating = [1, 10, 11, 16];

/** A cast to a whole number cuts off what is behind the point. */
export function foldCast(values: Values, to: number): Values {
  const isBool = to === 9;
  return values.map((value) => {
    if (!value || floating.includes(to)) return value;
    const known = numberOf(value);
    if (known !== undefined) return size(isBool ? Number(known !== 0) : Math.trunc(known));
    if (isBool) return undefined;
    return Number.isInteger(value.factor) ? value : computed('trunc', value);
  });
}

/** Elements of the result, as exporters compute shapes with them; undefined where they are too many or not known. */
export function foldElements(
  operator: string,
  inputs: readonly (GraphTensor | undefined)[],
  whole: GraphTensor,
): Values | undefined {
  const fold = folds[operator];
  const dims = dimsOf(whole);
  const length = numberOf(times(size(1), ...dims));
  if (!fold || length === undefined || length > maxValues || dims.length > 1) return undefined;
  const given = inputs.map((tensor) => tensor?.values);
  if (given.some((values) => values === undefined || (values.length !== length && values.length !== 1)))
    return undefined;
  return Array.from({ length }, (_, i) => {
    const elements = given.map((values) => (values?.length === 1 ? values[0] : values?.[i]));
    if (elements.includes(undefined)) return undefined;
    return fold(...(elements as Size[]));
  });
}

type Fold = (...elements: readonly Size[]) => Size | undefined;

/** Of numbers that are known. What is not, has a name that says how it is computed. */
function byNumbers(name: string, compute: (...numbers: readonly number[]) => number, general?: Fold): Fold {
  return (...elements) => {
    const numbers = elements.map(numberOf);
    if (!numbers.includes(undefined)) return size(compute(...(numbers as number[])));
    return general ? general(...elements) : computed(name, ...elements);
  };
}

/** Whether something holds, where it is certain; a name would stand for a size. */
function byCertainty(compute: (a: number, b: number) => boolean, general?: Fold): Fold {
  return (...elements) => {
    const [a, b] = elements.map(numberOf);
    if (a !== undefined && b !== undefined) return size(Number(compute(a, b)));
    return general?.(...elements) ?? truth(...elements);
  };
}

/** Not known; it may depend on the number of rows where what it is made of does. */
function truth(...elements: readonly Size[]): Size | undefined {
  return elements.some(dependsOnRows) ? undefined : computed('truth', ...elements);
}

const divide: Fold = (a, b) => dividedBy(a, b) ?? computed('div', a, b);

/** Sizes are never negative. */
const equal: Fold = (a, b) => {
  if (isEqual(a, b)) return size(1);
  const isNegative = [a, b].some((each) => (numberOf(each) ?? 0) < 0);
  const isSize = [a, b].some((each) => numberOf(each) === undefined && each.factor > 0);
  return isNegative && isSize && ![a, b].some(mayBeNegative) ? size(0) : undefined;
};

/** A difference may be; products and what else is computed from sizes are not. */
function mayBeNegative(value: Size | undefined): boolean {
  return value?.names.some((name) => /sub\(|neg\(|-/.test(name)) ?? true;
}

const add: Fold = (a, b) => {
  if (numberOf(a) === 0) return b;
  if (numberOf(b) === 0) return a;
  return computed('add', ...([a, b] as Size[]).sort((x, y) => (x.names.join() < y.names.join() ? -1 : 1)));
};

const subtract: Fold = (a, b) => {
  if (numberOf(b) === 0) return a;
  return isEqual(a, b) ? size(0) : computed('sub', a, b);
};

const where: Fold = (condition, a, b) => {
  const known = numberOf(condition);
  if (known !== undefined) return known === 0 ? b : a;
  if (isEqual(a, b)) return a;
  return dependsOnRows(condition) ? undefined : computed('where', condition, a, b);
};

const folds: Readonly<Record<string, Fold>> = {
  Identity: (a) => a,
  Add: byNumbers('add', (a = 0, b = 0) => a + b, add),
  Sub: byNumbers('sub', (a = 0, b = 0) => a - b, subtract),
  Mul: (a, b) => times(a, b),
  // With a remainder it is another number for whole numbers than for floating ones.
  Div: divide,
  Mod: byNumbers('mod', (a = 0, b = 1) => ((a % b) + b) % b),
  Min: byNumbers('min', (...all) => Math.min(...all)),
  Max: byNumbers('max', (...all) => Math.max(...all)),
  Floor: byNumbers('floor', (a = 0) => Math.floor(a), whole('floor')),
  Ceil: byNumbers('ceil', (a = 0) => Math.ceil(a), whole('ceil')),
  Neg: byNumbers('neg', (a = 0) => -a),
  Equal: byCertainty((a, b) => a === b, equal),
  Less: byCertainty((a, b) => a < b),
  LessOrEqual: byCertainty((a, b) => a <= b),
  Greater: byCertainty((a, b) => a > b),
  GreaterOrEqual: byCertainty((a, b) => a >= b),
  And: byCertainty((a, b) => a !== 0 && b !== 0),
  Or: byCertainty((a, b) => a !== 0 || b !== 0),
  Not: (a) => {
    const known = numberOf(a);
    return known === undefined ? truth(a) : size(Number(known === 0));
  },
  Where: where,
};

function whole(name: string): Fold {
  return (a) => (Number.isInteger(a.factor) ? a : computed(name, a));
}
