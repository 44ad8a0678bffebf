import { open } from 'node:fs/promises';
import { judgeBatches, type GraphVerdict } from './graph/judgeBatches.ts';
import { readModel } from './graph/readModel.ts';

/** What the graph of an ONNX file says of runs that records share; weights are not read. */
export async function judgeFile(file: string): Promise<GraphVerdict> {
  const unreadable = { kind: 'unknown', reason: 'the graph of the model could not be read' } as const;
  try {
    const handle = await open(file);
    try {
      const model = await readModel(async (start, count) => {
        const buffer = Buffer.allocUnsafe(count);
        const { bytesRead } = await handle.read(buffer, 0, count, start);
        return buffer.subarray(0, bytesRead);
      });
      return model ? judgeBatches(model) : unreadable;
    } finally {
      await handle.close();
    }
  } catch {
    // The runtime says what is wrong with the file.
    return unreadable;
  }
}
