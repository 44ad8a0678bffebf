import { anImageFile, type ImageFormatName } from '../../../../schemas/imageFormats.ts';
import { bmpSize, decodeBmp, isBmp } from './bmp.ts';
import { jpegOrientation } from './exif.ts';
import { decodeJpeg, isJpeg } from './jpeg.ts';
import type { Pixels, Size } from './pixels.ts';
import { decodePng, isPng, pngOrientation } from './png.ts';
import { jpegSize, pngSize } from './sizes.ts';
import { decodeWebp, isWebp, webpOrientation, webpSize } from './webp.ts';

/** A file format that is decoded here. */
interface ImageFormat {
  readonly name: ImageFormatName;
  /** By the first bytes. */
  readonly is: (file: Buffer) => boolean;
  /** The size as it is stored; undefined where the file is cut or damaged. Nothing is decoded for it. */
  readonly size: (file: Buffer) => Size | undefined;
  /** What the EXIF data asks for, 1 to 8. */
  readonly orientation: (file: Buffer) => number;
  /** @throws ServingError "record-undecodable" */
  readonly decode: (file: Buffer) => Pixels;
}

/** Everything that knows formats reads this: the worker, the frontend, `predict` and the pages. */
const formats: readonly ImageFormat[] = [
  { name: 'png', is: isPng, size: pngSize, orientation: pngOrientation, decode: decodePng },
  { name: 'jpeg', is: isJpeg, size: jpegSize, orientation: jpegOrientation, decode: decodeJpeg },
  { name: 'webp', is: isWebp, size: webpSize, orientation: webpOrientation, decode: decodeWebp },
  { name: 'bmp', is: isBmp, size: bmpSize, orientation: () => 1, decode: decodeBmp },
];

/** Why bytes are refused whose format is unknown. */
export const notAnImage = `is not ${anImageFile}`;

/** What a file is, by its first bytes; undefined for anything that is not decoded here. */
export function formatOf(bytes: Uint8Array): ImageFormat | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return formats.find(({ is }) => is(file));
}

/** Whether bytes begin as an image file does that is decoded here. */
export function isImage(bytes: Uint8Array): boolean {
  return formatOf(bytes) !== undefined;
}
