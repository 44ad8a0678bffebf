import { parentPort } from 'node:worker_threads';
import { answerTasks } from '../decodeThread.ts';
import { decodeImage, type DecodedImage, type ImageOptions } from './decodeImage.ts';

// The thread that decodes large images, see imageThread.ts.

export interface ImageTask {
  readonly file: Uint8Array;
  readonly options: ImageOptions;
}

answerTasks<DecodedImage>(
  parentPort,
  (task) => {
    const { file, options } = task as ImageTask;
    return decodeImage(file, options);
  },
  ({ data }) => [data.buffer as ArrayBuffer],
);
