import { ServingError } from '../../../../schemas/errors.ts';
import { decodeBase64 } from '../base64.ts';
import { createDecodeThread } from '../decodeThread.ts';
import { decodeImage, type DecodedImage, type ImageOptions } from './decodeImage.ts';
import { readImageSize, requireImage } from './header.ts';
import type { ImageTask } from './imageWorker.ts';

/** Decodes images as `decodeImage` does, and never holds up its caller's thread for long. */
export interface ImageDecoder {
  /** @returns a promise for a large one. @throws ServingError as `decodeImage` */
  decode(file: Uint8Array | string, options: ImageOptions): DecodedImage | Promise<DecodedImage>;
  close(): Promise<void>;
}

/** Images of up to this many pixels are decoded at once, which takes some ten milliseconds; the way to another thread
 *  costs a part of one. Counted both before and after the resize. */
const smallPixels = 256 * 1024;

/** @param workerFile  the bundle of imageWorker.ts; its thread begins with the first large image */
export function createImageDecoder(workerFile: string): ImageDecoder {
  const thread = createDecodeThread<ImageTask, DecodedImage>({
    workerFile,
    ended: () => new ServingError('record-undecodable', 'the image: its decoder ended, it may be too large'),
  });
  return {
    decode(file, options) {
      const bytes = typeof file === 'string' ? decodeBase64(file, 'the image') : Buffer.from(file);
      // What is wrong with the header is found here, so that the thread is for images only.
      const size = readImageSize('the image', bytes);
      const target = options.resize ?? size;
      if (options.shape) requireImage('the image', target, options.layout, options.shape);
      const pixels = Math.max(size.height * size.width, target.height * target.width);
      if (pixels <= smallPixels) return decodeImage(bytes, options);
      const copy = new Uint8Array(bytes);
      return thread.ask({ file: copy, options }, [copy.buffer]);
    },
    close: () => thread.close(),
  };
}
