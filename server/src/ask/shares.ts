import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { encodedShape } from '../codec/encodeResult.ts';
import type { FittedPart, FittedRecord } from '../tensor/fit.ts';
import { joinRows, shareOut, type Rows } from '../tensor/rows.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { ModelOfJob } from '../queue/registry/jobReports.ts';

/** What a request takes up of a record that it shares with others. */
export interface Share extends Rows {
  /** Requests of equal key may share a record: shapes and types of their rows agree. */
  readonly key: string;
  /** One per model input. */
  readonly parts: readonly FittedPart[];
}

/** Larger ones gain nothing: what they cost is their numbers, not their number. */
const maxElements = 1_024;
/** Types whose numbers the original's form carries, whatever they are. */
const originalTypes = new Set(['float32', 'float16', 'int8', 'int16', 'int32', 'uint8', 'uint16', 'bool']);

/** Whether a request that suits the model may share a record, and how: its inputs are numbers, and the model answers each
 *  row by itself. */
export function shareOf({ rows, strip, key, parts }: FittedRecord, model: ModelOfJob): Share | undefined {
  if (!model.batched || (model.rowsPerRecord ?? 1) < 2 || rows < 1) return undefined;
  if (parts.some(({ type, shape }) => type === 'string' || shape.length === 0)) return undefined;
  // Of an input whose rank is not known, the worker's config decides what the first axis is.
  if (model.inputs.some(({ shape }) => shape.length === 0)) return undefined;
  if (!isTypedModel(model) && parts.some(({ type }) => !originalTypes.has(type))) return undefined;
  const elements = parts.reduce((sum, { data }) => sum + data.length, 0);
  return elements > maxElements ? undefined : { rows, strip, key, parts };
}

/** Whether the workers of the model read typed records and write typed results. */
export function isTypedModel({ forms }: Pick<ModelOfJob, 'forms'>): boolean {
  return forms?.includes('typed') ?? false;
}

/** One record with the rows of all, one after the other.
 *  @param shares  of equal key */
export function joinShares(
  inputs: readonly TensorInfo[],
  shares: readonly Share[],
): ReadonlyMap<string, Tensor> {
  return new Map(
    inputs.map(({ name }, i) => {
      const parts = shares.map((share) => share.parts[i] as FittedPart);
      const [first] = parts as [FittedPart];
      return [name, first.isConstant ? first : joinRows(parts)];
    }),
  );
}

/** The result of a shared record as each request would have got its own; undefined if it does not say whose rows are whose.
 *  @param typed  whether the result came in the typed form: the original's has shapes that depend on the number of elements */
export function sharedOutputs(
  outputs: readonly Tensor[],
  shares: readonly Share[],
  typed: boolean,
): readonly (readonly Tensor[])[] | undefined {
  const own = shareOut(outputs, shares);
  if (typed) return own;
  return own?.map((tensors) =>
    tensors.map((tensor) => ({ ...tensor, shape: encodedShape(tensor.shape, tensor.data.length) })),
  );
}
