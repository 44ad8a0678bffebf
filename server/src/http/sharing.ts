import { encodedShape } from '../codec/encodeResult.ts';
import type { ResultTensor } from '../codec/decodeResult.ts';
import { joinNumbers, shareOut, type Rows } from '../codec/rows.ts';
import type { DenseTensor, RecordInputs } from '../codec/tensor.ts';
import type { ModelFacts } from './checkInputs.ts';

/** What a request takes up of a record that it shares with others. */
export interface Share extends Rows {
  /** Requests of equal key may share a record: names, types and shapes of their rows agree. */
  readonly key: string;
}

/** Larger ones gain nothing: what they cost is their numbers, not their number. */
const maxElements = 1_024;

/** Whether a request that suits the model may share a record, and how: its inputs are numbers, and the model answers each
 *  row by itself. */
export function shareOf(inputs: RecordInputs, model: ModelFacts): Share | undefined {
  if (!model.batched || (model.rowsPerRecord ?? 1) < 2) return undefined;
  let rows: number | undefined;
  let strip = true;
  let key = '';
  let elements = 0;
  for (const [name, input] of inputs) {
    // A single input may have any name.
    const info = inputs.size === 1 ? model.inputs[0] : model.inputs.find((known) => known.name === name);
    if (!info || info.shape.length === 0 || input.kind !== 'dense' || Array.isArray(input.data))
      return undefined;
    const { shape, data } = input;
    const isBare = shape.length === info.shape.length - 1;
    if (!isBare && shape.length !== info.shape.length) return undefined;
    const ownRows = isBare ? 1 : (shape[0] ?? 1);
    if (rows !== undefined && (rows !== ownRows || strip !== isBare)) return undefined;
    rows = ownRows;
    strip = isBare;
    elements += data.length;
    const type = data instanceof Float32Array ? 'f' : 'i';
    key += `${JSON.stringify(name)}${type}${(isBare ? shape : shape.slice(1)).join()};`;
  }
  return rows === undefined || rows === 0 || elements > maxElements ? undefined : { rows, strip, key };
}

/** One record with the rows of all, one after the other.
 *  @param all  of equal key */
export function joinInputs(all: readonly RecordInputs[], shares: readonly Share[]): RecordInputs {
  const rows = shares.reduce((sum, share) => sum + share.rows, 0);
  const joined = new Map<string, DenseTensor>();
  for (const [name, first] of all[0] ?? []) {
    const data = joinNumbers(all.map((inputs) => (inputs.get(name) as DenseTensor).data as Float32Array));
    const { shape } = first as DenseTensor;
    joined.set(name, { kind: 'dense', shape: [rows, ...(shares[0]?.strip ? shape : shape.slice(1))], data });
  }
  return joined;
}

/** Gives each request its rows of every output, in the shape that it would have got by itself; undefined if the outputs do
 *  not have a row for each after all. */
export function splitOutputs(
  outputs: readonly ResultTensor[],
  shares: readonly Share[],
): readonly (readonly ResultTensor[])[] | undefined {
  if (outputs.some(({ data }) => data.length === 0)) return undefined;
  return shareOut(outputs, shares)?.map((own) =>
    own.map(({ shape, data }) => ({ shape: encodedShape(shape, data.length), data })),
  );
}
