import { open } from 'node:fs/promises';
import { judgeBatches, type GraphVerdict } from './graph/judgeBatches.ts';
import { readModel } from './graph/readModel.ts';

/** What an ONNX file says that the runtime does not pass on; weights are not read. */
export interface FileFacts {
  /** Whether records may share runs. */
  readonly verdict: GraphVerdict;
  /** By input and output: whether the file leaves open how many axes it has. The runtime has no axes for these, as for a
   *  single value. Empty where the file could not be read. */
  readonly openRanks: ReadonlyMap<string, boolean>;
}

/** Reads the graph of an ONNX file.
 *  @param file  its path, or what it holds */
export async function readFacts(file: string | Uint8Array): Promise<FileFacts> {
  const reason = 'the graph of the model could not be read';
  const unreadable: FileFacts = { verdict: { kind: 'unknown', reason }, openRanks: new Map() };
  try {
    const model = await readGraph(file);
    if (!model) return unreadable;
    const { inputs, outputs } = model.graph;
    const openRanks = new Map([...inputs, ...outputs].map(({ name, dims }) => [name, dims === undefined]));
    return { verdict: judgeBatches(model), openRanks };
  } catch {
    // The runtime says what is wrong with the file.
    return unreadable;
  }
}

export async function readGraph(file: string | Uint8Array): ReturnType<typeof readModel> {
  if (typeof file !== 'string')
    return readModel((start, count) => Promise.resolve(file.subarray(start, start + count)));
  const handle = await open(file);
  try {
    return await readModel(async (start, count) => {
      const buffer = Buffer.allocUnsafe(count);
      const { bytesRead } = await handle.read(buffer, 0, count, start);
      return buffer.subarray(0, bytesRead);
    });
  } finally {
    await handle.close();
  }
}
