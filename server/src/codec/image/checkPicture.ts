import { undecodable } from '../../tensor/tensor.ts';
import { isJpeg } from './jpeg.ts';
import { isPng } from './png.ts';
import { maxPixels } from './pixels.ts';

/** Refuses what is no whole picture or too large a one, from its first and last bytes: decoding it is the workers' part,
 *  and would make the frontend as slow as they are.
 *  @throws ServingError "record-undecodable" */
export function checkPicture(where: string, file: Buffer): void {
  const size = isPng(file) ? pngSize(file) : isJpeg(file) ? jpegSize(file) : undefined;
  if (!isPng(file) && !isJpeg(file)) throw undecodable(where, 'is neither a JPEG nor a PNG file');
  if (size === undefined || !isWhole(file)) throw undecodable(where, 'the picture is cut off or damaged');
  if (size.height * size.width > maxPixels)
    throw undecodable(
      where,
      `a picture of ${size.width} x ${size.height} pixels is too large; ${maxPixels} pixels are read`,
    );
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/** The header chunk is always the first. */
function pngSize(file: Buffer): Size | undefined {
  if (file.length < 33) return undefined;
  return { width: file.readUInt32BE(16), height: file.readUInt32BE(20) };
}

/** Looks for the frame header among the segments before the first scan. */
function jpegSize(file: Buffer): Size | undefined {
  let at = 2;
  while (at + 9 < file.length) {
    if (file[at] !== 0xff) return undefined;
    const marker = file[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { height: file.readUInt16BE(at + 5), width: file.readUInt16BE(at + 7) };
    if (marker === 0xda) return undefined;
    at += 2 + file.readUInt16BE(at + 2);
  }
  return undefined;
}

/** A picture ends with its end marker, and writers put little behind it. */
function isWhole(file: Buffer): boolean {
  const tail = file.subarray(-maxBehindEnd);
  return isPng(file) ? tail.includes('IEND', 0, 'latin1') : tail.includes(Buffer.of(0xff, 0xd9));
}

const maxBehindEnd = 4096;
