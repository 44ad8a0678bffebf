import { readFile, stat } from 'node:fs/promises';
import type { ModelStructure } from '../../../../schemas/modelReport.ts';
import type { ModelType } from '../../../../schemas/runtimes.ts';
import { readGraph } from '../judgeFile.ts';
import { irStructure } from './irStructure.ts';
import { onnxStructure } from './onnxStructure.ts';
import { tfliteStructure } from './tfliteStructure.ts';

/** Larger files of formats that are read as a whole are left alone. */
const maxBytes = 512 * 1024 * 1024;

/** What a model consists of, by its file; weights of ONNX are not read.
 *  @returns undefined for formats that are not read, and for files that cannot be */
export async function readStructure(type: ModelType, file: string): Promise<ModelStructure | undefined> {
  try {
    switch (type) {
      case 'onnx': {
        const model = await readGraph(file);
        return model && onnxStructure(model);
      }
      case 'openvino':
        return irStructure((await wholeFile(file))?.toString('utf8') ?? '');
      case 'tensorflowLite': {
        const bytes = await wholeFile(file);
        return bytes && tfliteStructure(bytes);
      }
      default:
        return undefined;
    }
  } catch {
    // The runtime says what is wrong with the file.
    return undefined;
  }
}

async function wholeFile(file: string): Promise<Buffer | undefined> {
  return (await stat(file)).size > maxBytes ? undefined : readFile(file);
}
