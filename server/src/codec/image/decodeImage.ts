import { decodeBase64 } from '../base64.ts';
import { undecodable } from '../../tensor/tensor.ts';
import { formatOf, notAnImage } from './formats.ts';
import { readImageSize, requireImage } from './header.ts';
import type { Pixels } from './pixels.ts';
import { resize } from './resize.ts';

export interface ImageOptions {
  /** The size the model wants, in pixels; the image keeps its own without it. Proportions are not kept. */
  readonly resize?: { readonly height: number; readonly width: number };
  /** `chw` puts the three colours outermost, `hwc` innermost. */
  readonly layout: 'chw' | 'hwc';
  /** The shape of the model's input: what cannot fit it is not decoded. */
  readonly shape?: readonly (number | null)[];
}

export interface DecodedImage {
  readonly height: number;
  readonly width: number;
  /** Blue, green, red, each 0 to 255, [3, height, width] or [height, width, 3] by the layout asked for. */
  readonly data: Float32Array;
}

/** Decodes an image file of any format that is read here as OpenCV's `imdecode(IMREAD_COLOR)` does, and resizes it as its INTER_LINEAR does.
 *  Grey becomes three equal colours, transparency is dropped, 16 bits keep their upper 8, and the orientation written
 *  in the EXIF data is applied.
 *  @param file  the bytes of the file, or their base64
 *  @throws ServingError "record-undecodable" for other formats, damaged or cut files, and more than `maxPixels`;
 *    "input-mismatch" for what the model does not take. Size and fit are known before anything is decoded.
 *  @see BigDL PreProcessing.scala, decodeImage. Unlike it, this refuses truncated files instead of filling them with grey. */
export function decodeImage(file: Uint8Array | string, options: ImageOptions): DecodedImage {
  const bytes = typeof file === 'string' ? decodeBase64(file, 'the image') : bufferOf(file);
  const size = readImageSize('the image', bytes);
  if (options.shape) requireImage('the image', options.resize ?? size, options.layout, options.shape);
  const pixels = decodePixels(bytes);
  const { height, width, bgr } = options.resize === undefined ? pixels : resize(pixels, options.resize);
  const data = options.layout === 'hwc' ? new Float32Array(bgr) : planes(bgr, height * width);
  return { height, width, data };
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Decodes without resizing. */
export function decodePixels(bytes: Uint8Array): Pixels {
  const format = formatOf(bytes);
  if (!format) throw undecodable('the image', notAnImage);
  return format.decode(bufferOf(bytes));
}

function planes(bgr: Uint8Array, area: number): Float32Array {
  const data = new Float32Array(3 * area);
  for (let pixel = 0, i = 0; pixel < area; pixel++) {
    data[pixel] = bgr[i++] ?? 0;
    data[area + pixel] = bgr[i++] ?? 0;
    data[2 * area + pixel] = bgr[i++] ?? 0;
  }
  return data;
}
