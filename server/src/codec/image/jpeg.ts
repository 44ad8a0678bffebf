import { brotliDecompressSync } from 'node:zlib';
import { undecodable } from '../../tensor/tensor.ts';
import { jpegOrientation, upright } from './exif.ts';
import { jpegTurboWasm } from './jpegTurboWasm.ts';
import { maxPixels, type Pixels } from './pixels.ts';

/* libjpeg-turbo itself, as WebAssembly: OpenCV uses it, and its way of interpolating colours is far from what decoders
   in plain JavaScript do (two thirds of the values of a 4:2:0 image differ, by up to 100 of 255). */

/* TypeScript declares this global only together with a browser's. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly RuntimeError: new () => Error;
};

/** What the module exports of TurboJPEG; all numbers are addresses, sizes, or a status that is 0 when all went well. */
interface TurboJpeg {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly malloc: (size: number) => number;
  readonly tjInitDecompress: () => number;
  readonly tjDecompressHeader3: (
    handle: number,
    file: number,
    size: number,
    width: number,
    height: number,
    subsampling: number,
    colours: number,
  ) => number;
  readonly tjDecompress2: (
    handle: number,
    file: number,
    size: number,
    target: number,
    width: number,
    pitch: number,
    height: number,
    format: number,
    flags: number,
  ) => number;
}

const formatBgr = 1;
const formatCmyk = 11;
const coloursCmyk = 3;

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

/** Decodes baseline and progressive JPEG files in all their colour spaces, upright.
 *  @throws ServingError "record-undecodable", also for files that are cut or damaged anywhere */
export function decodeJpeg(file: Uint8Array): Pixels {
  try {
    return upright(decodeWith(createTurboJpeg(), file), jpegOrientation(file));
  } catch (error) {
    if (error instanceof Failed || error instanceof WebAssembly.RuntimeError)
      throw undecodable('the image', 'the JPEG data is damaged or cut', error);
    throw error;
  }
}

/** libjpeg jumps out of its depths on errors; here it throws. */
class Failed extends Error {}

function decodeWith(turbo: TurboJpeg, file: Uint8Array): Pixels {
  const source = allocate(turbo, file.length);
  new Uint8Array(turbo.memory.buffer).set(file, source);
  const handle = turbo.tjInitDecompress();
  const info = allocate(turbo, 16);
  if (turbo.tjDecompressHeader3(handle, source, file.length, info, info + 4, info + 8, info + 12) !== 0)
    throw new Failed('header');
  const [width = 0, height = 0, , colours = 0] = new Int32Array(turbo.memory.buffer, info, 4);
  if (width * height > maxPixels)
    throw undecodable(
      'the image',
      `the JPEG of ${width} x ${height} pixels is larger than ${maxPixels / 1e6} megapixels`,
    );
  const isCmyk = colours >= coloursCmyk;
  const pitch = width * (isCmyk ? 4 : 3);
  const target = allocate(turbo, pitch * height);
  const format = isCmyk ? formatCmyk : formatBgr;
  if (turbo.tjDecompress2(handle, source, file.length, target, width, pitch, height, format, 0) !== 0)
    throw new Failed('data');
  // The decoder is dropped with all of its memory, so its own bytes need not outlive this function.
  const decoded = new Uint8Array(turbo.memory.buffer, target, pitch * height);
  return { height, width, bgr: isCmyk ? fromCmyk(decoded) : decoded.slice() };
}

function allocate(turbo: TurboJpeg, size: number): number {
  const address = turbo.malloc(size);
  if (address === 0) throw new Failed('memory');
  return address;
}

/** OpenCV's formula for the inverted CMYK that is found in files. */
function fromCmyk(cmyk: Uint8Array): Uint8Array {
  const bgr = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4, to += 3) {
    const black = cmyk[from + 3] ?? 0;
    for (let c = 0; c < 3; c++) bgr[to + 2 - c] = black - (((255 - (cmyk[from + c] ?? 0)) * black) >> 8);
  }
  return bgr;
}

/* Compiled on the first JPEG only; most jobs never see one. */
let compiled: object | undefined;

/** A decoder of its own for each image: after an error its state is not usable again, and its memory never shrinks. */
function createTurboJpeg(): TurboJpeg {
  compiled ??= new WebAssembly.Module(brotliDecompressSync(Buffer.from(jpegTurboWasm, 'base64')));
  const fail = (): never => {
    throw new Failed('libjpeg');
  };
  const system = {
    environ_sizes_get: () => 0,
    environ_get: fail,
    proc_exit: fail,
    fd_close: fail,
    fd_seek: fail,
    fd_write: fail,
  };
  const instance = new WebAssembly.Instance(compiled, {
    env: { setjmp: () => 0, longjmp: fail },
    wasi_snapshot_preview1: system,
  });
  return instance.exports as TurboJpeg;
}
