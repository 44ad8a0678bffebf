import type { TensorInfo } from '../../../schemas/jobEvents.ts';

const lossyTypes: ReadonlySet<string> = new Set(['int32', 'uint32', 'int64', 'uint64', 'float64']);

/** What clients of the original's form lose, a sentence for each output that they do not get exactly. They read float32. */
export function lossyOutputs(outputs: readonly TensorInfo[]): readonly string[] {
  return outputs.flatMap(({ name, type }) => {
    if (type === 'string')
      return [
        `output "${name}" holds strings: clients of the original's form do not get it beside other outputs`,
      ];
    if (!lossyTypes.has(type)) return [];
    return [
      `output "${name}" is ${type}: clients of the original's form read float32 and may lose digits; HTTP keeps them`,
    ];
  });
}
