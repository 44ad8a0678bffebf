import { joinNumbers, shareOut } from '../codec/rows.ts';
import { toFloat32 } from '../codec/toFloat32.ts';
import type { ModelTensor } from '../model/model.ts';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import type { FittedPart, FittedRecord } from './fitInputs.ts';

/** A result tensor of one record: row-major float32. */
export interface OutputTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Rows of several records laid behind each other: one tensor per model input, [rows, ...row shape]. */
export function assemble(inputs: readonly TensorInfo[], records: readonly FittedRecord[]): ModelTensor[] {
  const rows = records.reduce((sum, record) => sum + record.rows, 0);
  return inputs.map(({ name, type, shape }, i) => {
    const parts = records.map((record) => record.parts[i] as FittedPart);
    const rowShape = parts[0]?.rowShape ?? [];
    const dims = shape.length === 0 && rowShape.length === 0 && rows === 1 ? [] : [rows, ...rowShape];
    return { name, type, dims, data: joined(type, parts) };
  });
}

function joined(type: string, parts: readonly FittedPart[]): ModelTensor['data'] {
  if (type === 'string') return parts.flatMap(({ data }) => data as string[]);
  return joinNumbers(parts.map(({ data }) => data as Float32Array));
}

/** Gives each record its rows of every output; undefined if an output's first dimension is not the batch after all. */
export function splitRows(
  outputs: readonly ModelTensor[],
  records: readonly FittedRecord[],
): OutputTensor[][] | undefined {
  return shareOut(
    outputs.map(({ type, data, dims }) => ({ shape: dims, data: toFloat32(type, data) })),
    records,
  );
}

/** The outputs of a run that held one record only. */
export function wholeOutputs(outputs: readonly ModelTensor[], record: FittedRecord): OutputTensor[] {
  return outputs.map(({ type, data, dims }) => ({
    shape: record.strip && dims[0] === 1 ? dims.slice(1) : dims,
    data: toFloat32(type, data),
  }));
}
