import { brotliDecompressSync } from 'node:zlib';
import { undecodable } from '../../tensor/tensor.ts';
import { tiffOrientation, upright } from './exif.ts';
import type { Pixels, Size } from './pixels.ts';
import { webpWasm } from './webpWasm.ts';

/* libwebp itself, as WebAssembly: OpenCV uses it, so the values are the same to the last bit. */

/* TypeScript declares this global only together with a browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly RuntimeError: new () => Error;
};

/** What the module exports; all numbers are addresses and sizes. */
interface WebpDecoder {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly malloc: (size: number) => number;
  /** @returns the address of the pixels, red, green, blue and alpha, or 0 */
  readonly WebPDecodeRGBA: (file: number, size: number, width: number, height: number) => number;
}

export function isWebp(bytes: Uint8Array): boolean {
  return asText(bytes, 0) === 'RIFF' && asText(bytes, 8) === 'WEBP';
}

function asText(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** The size of the image as it is stored; undefined where the file is cut or damaged.
 *  @see RFC 9649 */
export function webpSize(file: Buffer): Size | undefined {
  if (file.length < 30 || file.readUInt32LE(4) + 8 > file.length) return undefined;
  switch (asText(file, 12)) {
    case 'VP8X':
      return { width: 1 + file.readUIntLE(24, 3), height: 1 + file.readUIntLE(27, 3) };
    case 'VP8 ':
      return { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = file.readUInt32LE(21);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    default:
      return undefined;
  }
}

export function isAnimated(file: Buffer): boolean {
  return asText(file, 12) === 'VP8X' && ((file[20] ?? 0) & 0x02) !== 0;
}

/** The orientation that the EXIF data asks for, 1 to 8. */
export function webpOrientation(file: Buffer): number {
  const end = Math.min(file.length, file.readUInt32LE(4) + 8);
  for (let at = 12; at + 8 <= end;) {
    const size = file.readUInt32LE(at + 4);
    if (asText(file, at) === 'EXIF') return tiffOrientation(file.subarray(at + 8, at + 8 + size));
    // Each part begins at an even place.
    at += 8 + size + (size & 1);
  }
  return 1;
}

/** Decodes still WEBP files, lossy and lossless, without their transparency, upright.
 *  @throws ServingError "record-undecodable" */
export function decodeWebp(file: Buffer): Pixels {
  try {
    const pixels = decodeWith(createDecoder(), file);
    if (pixels) return upright(pixels, webpOrientation(file));
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  }
  throw undecodable('the image', 'the WEBP data is damaged or cut');
}

function decodeWith({ memory, malloc, WebPDecodeRGBA }: WebpDecoder, file: Buffer): Pixels | undefined {
  const source = malloc(file.length);
  const info = malloc(8);
  if (source === 0 || info === 0) return undefined;
  new Uint8Array(memory.buffer).set(file, source);
  const target = WebPDecodeRGBA(source, file.length, info, info + 4);
  if (target === 0) return undefined;
  const [width = 0, height = 0] = new Uint32Array(memory.buffer, info, 2);
  const rgba = new Uint8Array(memory.buffer, target, 4 * width * height);
  const bgr = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; to < bgr.length; from += 4, to += 3) {
    bgr[to] = rgba[from + 2] ?? 0;
    bgr[to + 1] = rgba[from + 1] ?? 0;
    bgr[to + 2] = rgba[from] ?? 0;
  }
  return { height, width, bgr };
}

/* Compiled on the first WEBP only. */
let compiled: object | undefined;

/** A decoder of its own for each image: its memory never shrinks. */
function createDecoder(): WebpDecoder {
  compiled ??= new WebAssembly.Module(brotliDecompressSync(Buffer.from(webpWasm, 'base64')));
  const fail = (): never => {
    throw new WebAssembly.RuntimeError();
  };
  const system = { fd_close: fail, fd_seek: fail, fd_write: fail };
  return new WebAssembly.Instance(compiled, { wasi_snapshot_preview1: system }).exports as WebpDecoder;
}
