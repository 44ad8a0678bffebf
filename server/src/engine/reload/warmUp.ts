import { readFile, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { messageOf } from '../../../../schemas/errors.ts';
import { imageEndings } from '../../../../schemas/imageFormats.ts';
import type { WorkerJob } from '../../../../schemas/workerJob.ts';
import type { ImageDecoder } from '../../codec/image/imageThread.ts';
import { parseInstances } from '../../codec/instances.ts';
import type { Model } from '../../model/model.ts';
import type { RecordInputs } from '../../tensor/tensor.ts';
import { feedsOf } from '../flow/feeds.ts';
import { createInputsDecoder } from '../records/decodeRecord.ts';

export interface WarmUpOptions {
  readonly model: Model;
  /** Of the model's files. */
  readonly folder: string;
  readonly job: Pick<WorkerJob, 'inputAlreadyBatched' | 'imageResize'>;
  readonly images: Pick<ImageDecoder, 'decode'>;
  /** Called with a sample that the model does not answer, and why; it may throw. */
  readonly onUnfitSample: (sentence: string) => void;
}

/** Beside the model: JSON instances (`*.json`) and images, as clients send them. */
export const warmUpFolder = 'warmup';

/** More are not run: a start would take too long. */
const maxSamples = 64;

/** Runs the model on the samples of its folder `warmup`, if it has one: first runs are slow, for memory is laid out and
 *  kernels are chosen then. Every copy gets each of them.
 *  @returns how many there were */
export async function warmUp({ model, folder, job, images, onUnfitSample }: WarmUpOptions): Promise<number> {
  const decode = createInputsDecoder({
    inputs: model.inputs,
    batched: model.sharing.shared,
    inputAlreadyBatched: job.inputAlreadyBatched,
    imageResize: job.imageResize ?? undefined,
    images,
  });
  const name = model.inputs[0]?.name ?? 'image';
  let count = 0;
  for (const file of await samplesIn(join(folder, warmUpFolder))) {
    try {
      for (const inputs of await readSamples(file, name)) {
        if (count >= maxSamples) return count;
        const { instances } = await decode({ share: undefined, tensors: undefined, inputs });
        await Promise.all(
          Array.from({ length: model.slots }, () =>
            Promise.all(instances.map((instance) => model.run(feedsOf(model.inputs, [instance], false)))),
          ),
        );
        count += 1;
      }
    } catch (error) {
      onUnfitSample(`The model does not answer the sample ${file}: ${messageOf(error)}`);
    }
  }
  return count;
}

async function samplesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => ['.json', ...imageEndings].includes(extname(name).toLowerCase()))
    .sort()
    .map((name) => join(folder, name));
}

async function readSamples(file: string, input: string): Promise<readonly RecordInputs[]> {
  const bytes = await readFile(file);
  if (extname(file).toLowerCase() === '.json') return parseInstances(bytes.toString('utf8'));
  return [new Map([[input, { kind: 'image', base64: bytes.toString('base64') }]])];
}
