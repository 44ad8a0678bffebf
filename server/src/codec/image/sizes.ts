import type { Size } from './pixels.ts';

/** Undefined where the file is cut or damaged. The header chunk is always the first. What follows the end chunk does not matter. */
export function pngSize(file: Buffer): Size | undefined {
  if (file.length < 33) return undefined;
  for (let at = 8; at + 12 <= file.length; at += 12 + file.readUInt32BE(at))
    if (file.toString('latin1', at + 4, at + 8) === 'IEND')
      return { width: file.readUInt32BE(16), height: file.readUInt32BE(20) };
  return undefined;
}

const endOfImage = Buffer.of(0xff, 0xd9);

/** Undefined where the file is cut or damaged. Looks for the frame header among the segments before the first scan, and for the end behind that. Phones put a film
 *  there, and cameras what they like. */
export function jpegSize(file: Buffer): Size | undefined {
  let size: Size | undefined;
  let at = 2;
  while (at + 9 < file.length) {
    if (file[at] !== 0xff) return undefined;
    const marker = file[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) size = { height: file.readUInt16BE(at + 5), width: file.readUInt16BE(at + 7) };
    if (marker === 0xda) return file.includes(endOfImage, at) ? size : undefined;
    at += 2 + file.readUInt16BE(at + 2);
  }
  return undefined;
}
