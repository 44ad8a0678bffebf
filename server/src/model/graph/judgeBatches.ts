import { followModel } from './walk.ts';
import type { GraphModel, GraphValue } from './readModel.ts';
import { named, rowCount, size, type Size } from './size.ts';
import { Finding, isPlain, plainRows, type GraphTensor } from './tensor.ts';

/** Whether rows of several records may share a run, as far as the graph says. */
export type GraphVerdict =
  { readonly kind: 'proved' } | { readonly kind: 'refuted' | 'unknown'; readonly reason: string };

/** Follows the first axis of every input to the outputs. It is proved only if every row of every output is made of the same
 *  row of the inputs, and of nothing else that another record could change.
 *  @returns with a reason for people: the operator, and what it does with rows */
export function judgeBatches(model: GraphModel): GraphVerdict {
  try {
    const inputs = model.graph.inputs.filter(({ name }) => !model.graph.initializers.has(name));
    const batchName = requireOneBatch(inputs);
    requireTensors(model);
    const outputs = followModel(
      model,
      new Map(inputs.map((input) => [input.name, tensorOf(input, batchName)])),
    );
    const named = model.graph.outputs;
    let reason: string | undefined;
    outputs.forEach((output, i) => {
      const name = named[i]?.name ?? '';
      if ('unknown' in output) reason ??= output.unknown;
      else requireRows(name, output);
    });
    if (reason === undefined) return { kind: 'proved' };
    requireNames(named, batchName);
    return { kind: 'unknown', reason };
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    return { kind: error.kind, reason: error.message };
  }
}

/** The converter from TensorFlow names each open size by itself, and says nothing by it; so do shape inference and PyTorch's
 *  exporter for outputs. */
const meaningless = /^(unk_+\d+|unknown.*|None|\?|-1|.*_dim_\d+)$/;

function meaningOf(dim: number | string | null | undefined): string | undefined {
  return typeof dim === 'string' && !meaningless.test(dim) ? dim : undefined;
}

/** @returns the name of the batch, where it has one */
function requireOneBatch(inputs: readonly GraphValue[]): string | undefined {
  if (inputs.length === 0) throw new Finding('refuted', 'the model has no inputs');
  let found: { readonly name: string; readonly input: string } | undefined;
  for (const { name, isTensor, dims } of inputs) {
    if (!isTensor) throw new Finding('refuted', `input "${name}" is not a tensor`);
    if (!dims) throw new Finding('refuted', `the shape of input "${name}" is not known`);
    if (dims.length === 0)
      throw new Finding('refuted', `input "${name}" is a single number, and has no batch dimension`);
    const [first] = dims;
    if (typeof first === 'number')
      throw new Finding('refuted', `the first dimension of input "${name}" is fixed to ${first}`);
    const meaning = meaningOf(first);
    if (meaning === undefined) continue;
    if (found && found.name !== meaning)
      throw new Finding(
        'refuted',
        `the first dimension of input "${name}" is "${meaning}", and that of "${found.input}" is "${found.name}"`,
      );
    found ??= { name: meaning, input: name };
  }
  for (const { name, dims } of inputs)
    if (found && dims?.slice(1).includes(found.name))
      throw new Finding(
        'refuted',
        `input "${name}" has the dimension "${found.name}" of the batch at another place, too`,
      );
  return found?.name;
}

function requireTensors({ graph }: GraphModel): void {
  const zipped = graph.nodes
    .filter(({ operator }) => operator === 'ZipMap')
    .flatMap(({ outputs }) => outputs);
  for (const { name, isTensor } of graph.outputs)
    if (!isTensor && !zipped.includes(name)) throw new Finding('refuted', `output "${name}" is not a tensor`);
}

/** A name that two inputs share is one size. */
function tensorOf({ name, dims = [] }: GraphValue, batchName: string | undefined): GraphTensor {
  const sizes = dims.map((dim, axis): Size => {
    if (axis === 0) return rowCount;
    if (typeof dim === 'number') return size(dim);
    const meaning = meaningOf(dim);
    return meaning === undefined || meaning === batchName
      ? openSize(name, axis)
      : { factor: 1, names: [`'${meaning.replaceAll(/[\0(),-]/g, '_')}`] };
  });
  return { dims: sizes, rows: plainRows(0) };
}

function openSize(name: string, axis: number): Size {
  return named(`'${name.replaceAll(/[\0(),-]/g, '_')}.${axis}`);
}

function requireRows(name: string, { rows, dims }: GraphTensor): void {
  if (!rows) throw new Finding('refuted', `output "${name}" has no batch dimension`);
  if (rows.axis !== 0)
    throw new Finding(
      'refuted',
      `the batch is dimension ${rows.axis + 1} of output "${name}", not the first`,
    );
  if (!isPlain(rows) || !dims)
    throw new Finding(
      'refuted',
      `the first dimension of output "${name}" is a multiple of the number of rows`,
    );
}

/** Where the operators do not decide it, an output with another first dimension than the inputs is taken at its word. */
function requireNames(outputs: readonly GraphValue[], batchName: string | undefined): void {
  for (const { name, dims } of outputs) {
    const [first] = dims ?? [];
    if (dims?.length === 0) throw new Finding('refuted', `output "${name}" has no batch dimension`);
    if (typeof first === 'number')
      throw new Finding('refuted', `the first dimension of output "${name}" is fixed to ${first}`);
    const meaning = meaningOf(first);
    if (meaning !== undefined && batchName !== undefined && meaning !== batchName)
      throw new Finding(
        'refuted',
        `the first dimension of output "${name}" is "${meaning}", not "${batchName}" as of the inputs`,
      );
  }
}
