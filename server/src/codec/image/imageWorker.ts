import { parentPort } from 'node:worker_threads';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import { decodeImage, type DecodedImage, type ImageOptions } from './decodeImage.ts';

// The thread that decodes large images, see imageThread.ts.

export interface ImageTask {
  readonly id: number;
  readonly file: Uint8Array;
  readonly options: ImageOptions;
}

export type ImageReply =
  | { readonly id: number; readonly image: DecodedImage }
  | { readonly id: number; readonly message: string; readonly code?: string };

function answer({ id, file, options }: ImageTask): ImageReply {
  try {
    return { id, image: decodeImage(file, options) };
  } catch (error) {
    const message = messageOf(error);
    return error instanceof ServingError ? { id, message, code: error.code } : { id, message };
  }
}

parentPort?.on('message', (task: ImageTask) => {
  const reply = answer(task);
  parentPort?.postMessage(reply, 'image' in reply ? [reply.image.data.buffer as ArrayBuffer] : []);
});
