import { undecodable } from '../../tensor/tensor.ts';
import type { Pixels, Size } from './pixels.ts';

/* Read here and not by a library: of those in the registry none gives OpenCV's values for palettes, 16 bits and lines that
   begin at the top, and some give others in silence. */

interface Header extends Size {
  /** The first line is the upper one. */
  readonly isTopDown: boolean;
  readonly bits: number;
  readonly compression: number;
  /** Where the pixels begin, and where the palette does. */
  readonly pixelsAt: number;
  readonly paletteAt: number;
  readonly colours: number;
  /** Of red, green, blue, where the file says them. */
  readonly masks: readonly [number, number, number] | undefined;
}

const infoSizes = [40, 52, 56, 108, 124];
const plain = 0;
const bitFields = 3;
const masks555 = [0x7c00, 0x03e0, 0x001f] as const;
const masks565 = [0xf800, 0x07e0, 0x001f] as const;
const masks888 = [0xff0000, 0x00ff00, 0x0000ff] as const;

/** A text may begin with the two letters, too: the size of the header that follows counts as well. */
export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d && infoSizes.includes(bytes[14] ?? 0) && bytes[15] === 0;
}

/** The size of the image; undefined where the file is cut or damaged. */
export function bmpSize(file: Buffer): Size | undefined {
  const header = readHeader(file);
  if (!header) return undefined;
  const { height, width, compression, pixelsAt } = header;
  const isWhole = !isPlain(compression) || pixelsAt + height * lineBytes(header) <= file.length;
  return isWhole && width > 0 && height > 0 ? { height, width } : undefined;
}

/** Decodes uncompressed files of 1, 4, 8, 16, 24 and 32 bits a pixel, without their transparency.
 *  @throws ServingError "record-undecodable" */
export function decodeBmp(file: Buffer): Pixels {
  const header = readHeader(file);
  if (!header || !bmpSize(file)) throw undecodable('the image', 'the BMP data is damaged or cut');
  const paint = painterOf(file, header);
  const { height, width, isTopDown, pixelsAt } = header;
  const bgr = new Uint8Array(3 * height * width);
  for (let y = 0; y < height; y++) {
    const line = pixelsAt + (isTopDown ? y : height - 1 - y) * lineBytes(header);
    for (let x = 0; x < width; x++) paint(line, x, bgr, 3 * (y * width + x));
  }
  return { height, width, bgr };
}

function readHeader(file: Buffer): Header | undefined {
  if (file.length < 54) return undefined;
  const infoSize = file.readUInt32LE(14);
  const height = file.readInt32LE(22);
  const bits = file.readUInt16LE(28);
  const compression = file.readUInt32LE(30);
  const hasMasks = compression === bitFields && file.length >= 66;
  const paletteAt = 14 + infoSize + (hasMasks && infoSize === 40 ? 12 : 0);
  const pixelsAt = file.readUInt32LE(10);
  const most = Math.max(0, Math.floor((pixelsAt - paletteAt) / 4));
  const said = file.readUInt32LE(46) || 2 ** Math.min(bits, 8);
  return {
    width: file.readInt32LE(18),
    height: Math.abs(height),
    isTopDown: height < 0,
    bits,
    compression,
    pixelsAt,
    paletteAt,
    colours: bits <= 8 ? Math.min(said, most, 2 ** bits) : 0,
    masks: hasMasks ? [file.readUInt32LE(54), file.readUInt32LE(58), file.readUInt32LE(62)] : undefined,
  };
}

function isPlain(compression: number): boolean {
  return compression === plain || compression === bitFields;
}

/** Each line takes a multiple of four bytes. */
function lineBytes({ width, bits }: Header): number {
  return 4 * Math.ceil((width * bits) / 32);
}

/** Writes a pixel of a line into the image. */
type Painter = (line: number, x: number, bgr: Uint8Array, to: number) => void;

/** @throws ServingError "record-undecodable" for a kind that is not read */
function painterOf(file: Buffer, header: Header): Painter {
  const { bits, compression, masks } = header;
  if (!isPlain(compression)) throw unread('is compressed');
  switch (bits) {
    case 1:
    case 4:
    case 8:
      return paletted(file, header);
    case 16:
      if (same(masks ?? masks555, masks555)) return packed(file, 5);
      if (same(masks ?? masks555, masks565)) return packed(file, 6);
      throw unread('orders its colours in another way than 5-5-5 and 5-6-5 bits');
    case 24:
      return direct(file, 3);
    case 32:
      if (same(masks ?? masks888, masks888)) return direct(file, 4);
      throw unread('orders its colours in another way than blue, green, red');
    default:
      throw unread(`has ${bits} bits a pixel`);
  }
}

function unread(what: string): Error {
  return undecodable('the image', `is a BMP that ${what}; save it uncompressed with 24 bits, or as PNG`);
}

function same(some: readonly number[], others: readonly number[]): boolean {
  return some.every((mask, i) => mask === others[i]);
}

/** A colour that the palette does not have is black. */
function paletted(file: Buffer, { bits, paletteAt, colours }: Header): Painter {
  const perByte = 8 / bits;
  return (line, x, bgr, to) => {
    const byte = file[line + Math.floor(x / perByte)] ?? 0;
    const index = (byte >> (8 - bits * ((x % perByte) + 1))) & (2 ** bits - 1);
    const from = paletteAt + 4 * index;
    if (index < colours) setPixel(bgr, to, file[from] ?? 0, file[from + 1] ?? 0, file[from + 2] ?? 0);
  };
}

function direct(file: Buffer, bytes: number): Painter {
  return (line, x, bgr, to) => {
    const from = line + bytes * x;
    setPixel(bgr, to, file[from] ?? 0, file[from + 1] ?? 0, file[from + 2] ?? 0);
  };
}

/** As OpenCV does, the bits that are missing below are 0. */
function packed(file: Buffer, greenBits: 5 | 6): Painter {
  return (line, x, bgr, to) => {
    const value = file.readUInt16LE(line + 2 * x);
    const green = (value >> 5) & (2 ** greenBits - 1);
    setPixel(
      bgr,
      to,
      (value & 0x1f) << 3,
      green << (8 - greenBits),
      ((value >> (5 + greenBits)) & 0x1f) << 3,
    );
  };
}

function setPixel(bgr: Uint8Array, at: number, blue: number, green: number, red: number): void {
  bgr[at] = blue;
  bgr[at + 1] = green;
  bgr[at + 2] = red;
}
