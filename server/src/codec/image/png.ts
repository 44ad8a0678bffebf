import { inflateSync } from 'node:zlib';
import { undecodable } from '../../tensor/tensor.ts';
import { crc32 } from './encodePng.ts';
import { tiffOrientation, upright } from './exif.ts';
import { maxPixels, type Pixels } from './pixels.ts';
import { coloursOf, paint, unfilter } from './pngLines.ts';

/* Read here and not by a library because the details decide: OpenCV drops alpha and colour keys without blending and
   keeps the upper byte of 16 bits, and the inflated size must be bounded before a bomb unfolds. */

const signature = [137, 80, 78, 71, 13, 10, 26, 10];

interface Header {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly colour: number;
  readonly isInterlaced: boolean;
}

export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

/** Decodes all kinds of PNG: grey, colour, palette, 1 to 16 bits, with alpha, interlaced.
 *  @throws ServingError "record-undecodable" */
export function decodePng(file: Uint8Array): Pixels {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const { header, palette, data } = readChunks(bytes);
  const passes = passesOf(header);
  const size = passes.reduce((sum, pass) => sum + pass.height * (1 + lineBytes(header, pass.width)), 0);
  const raw = inflated(data, size);
  const bgr = new Uint8Array(3 * header.width * header.height);
  const colours = coloursOf(header, palette);
  const step = Math.max(1, (header.bits * channelsOf(header.colour)) >> 3);
  let at = 0;
  for (const pass of passes) {
    const bytesPerLine = lineBytes(header, pass.width);
    let above: Uint8Array = new Uint8Array(bytesPerLine);
    for (let y = 0; y < pass.height; y++) {
      const line = raw.subarray(at + 1, at + 1 + bytesPerLine);
      if (!unfilter(raw[at] ?? 0, line, above, step)) throw damaged('data has an unknown filter');
      const first = 3 * ((pass.y + y * pass.stepY) * header.width + pass.x);
      paint(
        { line, bits: header.bits, step, colours },
        { bgr, at: first, step: 3 * pass.stepX, count: pass.width },
      );
      above = line;
      at += 1 + bytesPerLine;
    }
  }
  return upright({ height: header.height, width: header.width, bgr }, pngOrientation(bytes));
}

/** Larger EXIF data is not looked into: its checksum would take too long. */
const maxExifBytes = 1024 * 1024;

/** The orientation that the EXIF data of a PNG file asks for, 1 to 8. The first whole chunk of it counts, wherever it is. */
export function pngOrientation(bytes: Buffer): number {
  for (let at = signature.length; at + 12 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at);
    const kind = bytes.toString('latin1', at + 4, at + 8);
    if (kind === 'IEND' || end + 4 > bytes.length) return 1;
    const isExif = kind === 'eXIf' && end - at <= maxExifBytes && beginsAsTiff(bytes, at + 8);
    if (isExif && bytes.readUInt32BE(end) === crc32(bytes.subarray(at + 4, end)))
      return tiffOrientation(bytes.subarray(at + 8, end));
    at = end + 4;
  }
  return 1;
}

function beginsAsTiff(bytes: Buffer, at: number): boolean {
  const mark = bytes.toString('latin1', at, at + 4);
  return mark === 'II*\0' || mark === 'MM\0*';
}

function damaged(what: string): Error {
  return undecodable('the image', `the PNG ${what}`);
}

function readChunks(bytes: Buffer): { header: Header; palette: Uint8Array; data: Buffer } {
  let header: Header | undefined;
  let palette: Uint8Array = new Uint8Array(0);
  const parts: Uint8Array[] = [];
  let at = signature.length;
  // The checksums of the chunks are not compared: the pixels have one of their own, inside the compressed data.
  for (;;) {
    if (at + 12 > bytes.length) throw damaged('is cut');
    const size = bytes.readUInt32BE(at);
    const end = at + 8 + size;
    if (end + 4 > bytes.length) throw damaged('is cut');
    const kind = bytes.toString('latin1', at + 4, at + 8);
    const content = bytes.subarray(at + 8, end);
    if (kind === 'IEND') break;
    if (kind === 'IHDR') header = headerOf(content);
    else if (kind === 'PLTE') palette = content;
    else if (kind === 'IDAT') parts.push(content);
    at = end + 4;
  }
  if (header === undefined || parts.length === 0) throw damaged('has no image');
  return { header, palette, data: Buffer.concat(parts) };
}

const bitsByColour: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

function headerOf(content: Buffer): Header {
  if (content.length !== 13) throw damaged('has a broken header');
  const width = content.readUInt32BE(0);
  const height = content.readUInt32BE(4);
  const [bits = 0, colour = 0, compression, filter, interlace = 0] = content.subarray(8);
  if (width === 0 || height === 0 || bitsByColour[colour]?.includes(bits) !== true)
    throw damaged('has a broken header');
  if (compression !== 0 || filter !== 0 || interlace > 1) throw damaged('has a broken header');
  if (width * height > maxPixels)
    throw damaged(`of ${width} x ${height} pixels is larger than ${maxPixels / 1e6} megapixels`);
  return { width, height, bits, colour, isInterlaced: interlace === 1 };
}

function channelsOf(colour: number): number {
  return [1, 0, 3, 1, 2, 0, 4][colour] ?? 1;
}

function lineBytes({ bits, colour }: Header, width: number): number {
  return Math.ceil((bits * channelsOf(colour) * width) / 8);
}

function inflated(data: Buffer, size: number): Uint8Array {
  try {
    const raw = inflateSync(data, { maxOutputLength: size + 1 });
    if (raw.length >= size) return raw;
  } catch (error) {
    throw undecodable('the image', 'the PNG data is damaged', error);
  }
  throw damaged('data is cut');
}

interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly width: number;
  readonly height: number;
}

/** The whole image, or the seven sparser ones of Adam7. */
function passesOf({ width, height, isInterlaced }: Header): readonly Pass[] {
  if (!isInterlaced) return [{ x: 0, y: 0, stepX: 1, stepY: 1, width, height }];
  const starts: readonly (readonly [number, number, number, number])[] = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ];
  return starts
    .map(([x, y, stepX, stepY]) => ({
      x,
      y,
      stepX,
      stepY,
      width: Math.max(0, Math.ceil((width - x) / stepX)),
      height: Math.max(0, Math.ceil((height - y) / stepY)),
    }))
    .filter((pass) => pass.width > 0 && pass.height > 0);
}
