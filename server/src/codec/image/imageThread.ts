import { Worker } from 'node:worker_threads';
import { ServingError, type ErrorCode } from '../../../../schemas/errors.ts';
import { decodeBase64 } from '../base64.ts';
import { decodeImage, type DecodedImage, type ImageOptions } from './decodeImage.ts';
import { readImageSize, requireImage } from './header.ts';
import type { ImageReply, ImageTask } from './imageWorker.ts';

/** Decodes images as `decodeImage` does, and never holds up its caller's thread for long. */
export interface ImageDecoder {
  /** @returns a promise for a large one. @throws ServingError as `decodeImage` */
  decode(file: Uint8Array | string, options: ImageOptions): DecodedImage | Promise<DecodedImage>;
  close(): Promise<void>;
}

/** Images of up to this many pixels are decoded at once, which takes some ten milliseconds; the way to another thread
 *  costs a part of one. Counted both before and after the resize. */
const smallPixels = 256 * 1024;

interface Waiting {
  readonly resolve: (image: DecodedImage) => void;
  readonly reject: (error: unknown) => void;
}

/** @param workerFile  the bundle of imageWorker.ts; its thread begins with the first large image */
export function createImageDecoder(workerFile: string): ImageDecoder {
  let worker: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  function start(): Worker {
    const started = new Worker(workerFile);
    started.unref();
    started.on('message', (reply: ImageReply) => {
      const one = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ('image' in reply) one?.resolve(reply.image);
      else one?.reject(errorOf(reply));
    });
    const fail = () => {
      if (worker === started) worker = undefined;
      const error = new ServingError(
        'record-undecodable',
        'the image: its decoder ended, it may be too large',
      );
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on('error', fail);
    started.on('exit', fail);
    return started;
  }

  return {
    decode(file, options) {
      const bytes = typeof file === 'string' ? decodeBase64(file, 'the image') : Buffer.from(file);
      // What is wrong with the header is found here, so that the thread is for images only.
      const size = readImageSize('the image', bytes);
      const target = options.resize ?? size;
      if (options.shape) requireImage('the image', target, options.layout, options.shape);
      const pixels = Math.max(size.height * size.width, target.height * target.width);
      if (pixels <= smallPixels) return decodeImage(bytes, options);
      worker ??= start();
      const id = ++lastId;
      const copy = new Uint8Array(bytes);
      return new Promise<DecodedImage>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker?.postMessage({ id, file: copy, options } satisfies ImageTask, [copy.buffer]);
      });
    },
    async close() {
      await worker?.terminate();
    },
  };
}

function errorOf({ code, message }: Extract<ImageReply, { readonly message: string }>): Error {
  return code === undefined ? new Error(message) : new ServingError(code as ErrorCode, message);
}
