import { isJpeg } from './jpeg.ts';
import { isPng } from './png.ts';
import { isWebp } from './webp.ts';

/** Whether bytes begin as an image file does that is decoded here. */
export function isImage(bytes: Uint8Array): boolean {
  return (
    isJpeg(bytes) || isPng(bytes) || isWebp(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  );
}
