import { readFile } from 'node:fs/promises';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import { readCaffeModel, type CaffeBlob } from './caffeModel.ts';
import { conversions } from './layers.ts';
import { Network } from './network.ts';
import { writeOnnx } from './onnxWriter.ts';
import { CaffeRefusal, readNet } from './readNet.ts';

/** Makes an ONNX model of a network of Caffe and its weights, in memory. The batch, the first axis of every input, is open.
 *  @param file  path of the `.prototxt` @param weights  path of the `.caffemodel`
 *  @throws ServingError "model-unsupported" or "model-damaged" */
export async function convertCaffe(file: string, weights: string): Promise<Uint8Array> {
  const [text, bytes] = await Promise.all([readFile(file, 'utf8'), readFile(weights)]);
  let blobs: ReadonlyMap<string, readonly CaffeBlob[]>;
  try {
    blobs = readCaffeModel(bytes);
  } catch (error) {
    throw new ServingError('model-damaged', `${weights} holds no weights of Caffe: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  try {
    return networkOf(text, blobs);
  } catch (error) {
    if (error instanceof CaffeRefusal)
      throw new ServingError('model-unsupported', `${file} ${error.message}`, { cause: error });
    throw error;
  }
}

/** @throws CaffeRefusal */
export function networkOf(text: string, blobs: ReadonlyMap<string, readonly CaffeBlob[]>): Uint8Array {
  const net = readNet(text);
  const network = new Network(net);
  for (const layer of net.layers) {
    const { name, type, tops } = layer;
    if (type === 'Input') continue;
    const made = conversions[type]({ layer, blobs: blobs.get(name) ?? [], network });
    const values = Array.isArray(made) ? (made as readonly Parameters<Network['write']>[1][]) : [made];
    for (const [i, top] of tops.entries()) {
      const value = values[i] as Parameters<Network['write']>[1] | undefined;
      if (!value)
        throw new CaffeRefusal(
          `is not converted: the layer "${name}" has more tops than its type ${type} makes.`,
        );
      network.write(top, value);
    }
  }
  return writeOnnx(network.finish(), 'cluster-serving');
}
