import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeImage } from '../../../server/src/codec/image/decodeImage.ts';
import { readImageSize } from '../../../server/src/codec/image/header.ts';
import { describeInput } from '../../../server/src/inspect/describeInput.ts';

interface Golden {
  readonly file: string;
  readonly golden: string;
  readonly height: number;
  readonly width: number;
}

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../../fixtures/webp', name));
const goldens = JSON.parse(fixture('index.json').toString()) as readonly Golden[];
const undecodable = expect.objectContaining({ code: 'record-undecodable' }) as Error;
const layout = 'hwc';

test.each(goldens)('$file has the very values of OpenCV', ({ file, golden, height, width }) => {
  const { data, ...size } = decodeImage(fixture(file), { layout });
  expect(size).toEqual({ height, width });
  expect(readImageSize('x', fixture(file))).toEqual({ height, width });
  expect(Buffer.from(Uint8Array.from(data)).equals(gunzipSync(fixture(golden)))).toBe(true);
});

test.each(['lossy.webp', 'lossless.webp', 'alpha.webp', 'exif6.webp'])(
  '%s is refused wherever it is cut',
  (name) => {
    const whole = fixture(name);
    for (let size = 0; size < whole.length - 1; size += 41)
      expect(() => decodeImage(whole.subarray(0, size), { layout })).toThrow(undecodable);
    expect(decodeImage(Buffer.concat([whole, Buffer.alloc(9_000)]), { layout })).toEqual(
      decodeImage(whole, { layout }),
    );
  },
);

test('damaged pixels are refused or decoded, and the next image is read', () => {
  for (let at = 12; at < fixture('lossless.webp').length; at += 53) {
    const damaged = fixture('lossless.webp');
    damaged.fill(0xa5, at, at + 20);
    try {
      decodeImage(damaged, { layout });
    } catch (error) {
      expect(error).toEqual(undecodable);
    }
  }
  expect(decodeImage(fixture('lossy.webp'), { layout }).height).toBe(43);
});

test('an animated one is refused, and so is one that claims to be huge', () => {
  expect(() => decodeImage(fixture('animated.webp'), { layout })).toThrow('animated');
  const huge = fixture('exif6.webp');
  huge.fill(0xff, 24, 30);
  expect(() => readImageSize('x', huge)).toThrow(undecodable);
});

test('it is described as what it is', () => {
  const base64 = fixture('lossy.webp').toString('base64');
  expect(describeInput('x', { kind: 'image', base64 }, {})).toMatchObject({
    format: 'webp',
    height: 43,
    width: 61,
  });
});
