import type { Pixels } from './pixels.ts';

/** The orientation that the EXIF data of a JPEG file asks for, 1 to 8; 1 is upright, also when there is none. */
export function jpegOrientation(file: Uint8Array): number {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  return unlessBroken(() => readOrientation(bytes));
}

/** The same for EXIF data by itself, which is a TIFF file. */
export function tiffOrientation(tiff: Buffer): number {
  return unlessBroken(() => fromTiff(tiff));
}

/** Whether height and width change places. */
export function isTurned(orientation: number): boolean {
  return orientation >= 5;
}

function unlessBroken(read: () => number): number {
  try {
    return read();
  } catch (error) {
    // An offset led out of the file. Broken EXIF data does not make the image unreadable.
    if (error instanceof RangeError) return 1;
    throw error;
  }
}

function readOrientation(bytes: Buffer): number {
  let at = 2;
  while (bytes.readUInt8(at) === 0xff) {
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) return 1;
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (marker === 0xe1 && bytes.toString('latin1', at + 4, at + 10) === 'Exif\0\0')
      return fromTiff(bytes.subarray(at + 10, end));
    at = end;
  }
  return 1;
}

function fromTiff(tiff: Buffer): number {
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number): number => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  const count = short(directory);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i;
    if (short(entry) !== 0x0112) continue;
    const orientation = short(entry + 8);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

/** Turns and mirrors an image so that it stands upright. */
export function upright(pixels: Pixels, orientation: number): Pixels {
  if (orientation === 1) return pixels;
  const turned = isTurned(orientation);
  const height = turned ? pixels.width : pixels.height;
  const width = turned ? pixels.height : pixels.width;
  const mirrorsX = [2, 3, 6, 7].includes(orientation);
  const mirrorsY = [3, 4, 7, 8].includes(orientation);
  const bgr = new Uint8Array(pixels.bgr.length);
  let i = 0;
  for (let y = 0; y < height; y++) {
    const fromY = mirrorsY ? height - 1 - y : y;
    for (let x = 0; x < width; x++) {
      const fromX = mirrorsX ? width - 1 - x : x;
      const from = 3 * (turned ? fromX * pixels.width + fromY : fromY * pixels.width + fromX);
      for (let c = 0; c < 3; c++) bgr[i++] = pixels.bgr[from + c] ?? 0;
    }
  }
  return { height, width, bgr };
}
