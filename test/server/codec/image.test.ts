import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, deflateSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import { decodeImage } from '../../../server/src/codec/image/decodeImage.ts';
import { jpegTurboWasm } from '../../../server/src/codec/image/jpegTurboWasm.ts';
import { runs } from '../../support/runs.ts';

const folder = join(import.meta.dirname, '../../fixtures/images');

interface Golden {
  readonly file: string;
  readonly golden: string;
  readonly height: number;
  readonly width: number;
  readonly resize?: boolean;
}

const goldens = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as readonly Golden[];

function fixture(name: string): Buffer {
  return readFileSync(join(folder, name));
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ServingError) return error.code;
    throw error;
  }
  return 'accepted';
}

/** A PNG of which only the header matters. */
function pngClaiming(width: number, height: number): Buffer {
  const bytes = fixture('png-rgb.png');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}

describe('decodeImage', () => {
  it.each(goldens)(
    'reads $golden with the very values of OpenCV',
    ({ file, golden, height, width, resize }) => {
      const options = resize === true ? { resize: { height, width } } : {};
      const image = decodeImage(fixture(file), { ...options, layout: 'hwc' });
      expect([image.height, image.width]).toEqual([height, width]);
      const expected = gunzipSync(fixture(golden));
      expect(image.data.length).toBe(expected.length);
      const worst = image.data.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? NaN))),
        0,
      );
      expect(worst).toBe(0);
    },
  );

  it('puts the colours outermost for chw', () => {
    const hwc = decodeImage(fixture('png-rgb.png'), { layout: 'hwc' });
    const chw = decodeImage(fixture('png-rgb.png').toString('base64'), { layout: 'chw' });
    const area = chw.height * chw.width;
    const reordered = hwc.data.map((_, i) => hwc.data[(i % area) * 3 + Math.floor(i / area)] ?? NaN);
    expect(chw.data).toEqual(reordered);
  });

  it.each(['jpeg-420.jpg', 'jpeg-progressive.jpg', 'png-rgb.png', 'png-interlaced.png'])(
    'refuses %s wherever it is cut, and reads the next image',
    (name) => {
      const whole = fixture(name);
      for (let size = 0; size < whole.length - 20; size += 97)
        expect(codeOf(() => decodeImage(whole.subarray(0, size), { layout: 'hwc' }))).toBe(
          'record-undecodable',
        );
      expect(decodeImage(whole, { layout: 'hwc' }).height).toBe(43);
    },
  );

  it('refuses an image that claims to be huge before it makes room for it', () => {
    const before = process.memoryUsage().arrayBuffers;
    expect(codeOf(() => decodeImage(pngClaiming(20_000, 20_000), { layout: 'hwc' }))).toBe(
      'record-undecodable',
    );
    const jpeg = fixture('jpeg-420.jpg');
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    jpeg.writeUInt16BE(20_000, frame + 5);
    jpeg.writeUInt16BE(20_000, frame + 7);
    expect(codeOf(() => decodeImage(jpeg, { layout: 'hwc' }))).toBe('record-undecodable');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });

  it('refuses pixels that inflate to more than the header says', () => {
    const bytes = fixture('png-rgb.png');
    const at = bytes.indexOf('IDAT');
    const bomb = deflateSync(Buffer.alloc(20_000_000));
    const size = Buffer.alloc(4);
    size.writeUInt32BE(bomb.length);
    const file = Buffer.concat([
      bytes.subarray(0, at - 4),
      size,
      Buffer.from('IDAT'),
      bomb,
      bytes.subarray(-16),
    ]);
    expect(codeOf(() => decodeImage(file, { layout: 'hwc' }))).toBe('record-undecodable');
  });

  it('refuses other formats and text that is not base64', () => {
    expect(codeOf(() => decodeImage(Buffer.from('GIF89a'), { layout: 'chw' }))).toBe('record-undecodable');
    expect(codeOf(() => decodeImage('not base64!', { layout: 'chw' }))).toBe('record-undecodable');
    expect(codeOf(() => decodeImage('', { layout: 'chw' }))).toBe('record-undecodable');
  });

  it('answers damaged files with an image or the one error, never with another', () => {
    const files = [
      'jpeg-exif6.jpg',
      'jpeg-progressive.jpg',
      'png-interlaced.png',
      'png-palette-4bit.png',
    ].map(fixture);
    const damage = fc.tuple(
      fc.constantFrom(...files),
      fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 8 }),
    );
    fc.assert(
      fc.property(damage, ([file, changes]) => {
        const bytes = Buffer.from(file);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const before = { height: 8, width: 8 };
        expect(['accepted', 'record-undecodable']).toContain(
          codeOf(() => decodeImage(bytes, { resize: before, layout: 'chw' })),
        );
      }),
      runs(150),
    );
  });

  it('carries the very WebAssembly of its package', () => {
    const inlined = brotliDecompressSync(Buffer.from(jpegTurboWasm, 'base64'));
    const original = readFileSync(
      join(import.meta.dirname, '../../../node_modules/@cwasm/jpeg-turbo/jpeg-turbo.wasm'),
    );
    expect(inlined.equals(original)).toBe(true);
  });
});
