import { judgeBatches, type GraphVerdict } from '../../model/graph/judgeBatches.ts';
import { readModel } from '../../model/graph/readModel.ts';
import type { Files } from '../files.ts';

/** A hint must be quick: models that take more to be read are judged when they are started. */
const limits = { windowBytes: 65_536, maxWindows: 200, maxFields: 200_000 };

/** What the graph of an ONNX file says of runs that records share; undefined where it cannot be read, or not quickly. */
export async function onnxBatches(path: string, files: Files): Promise<GraphVerdict | undefined> {
  const model = await readModel((start, count) => files.bytes(path, start, count), limits);
  return model && judgeBatches(model);
}
