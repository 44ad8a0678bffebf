import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { resize } from '../../../server/src/codec/image/resize.ts';
import { imageTypeOf, resized, sizeOfInput, takesImages } from '../../../web/try/imageInput.ts';
import { root } from '../../support/serving.ts';

const input = (shape: (number | null)[], more: Partial<TensorInfo> = {}): TensorInfo => ({
  name: 'x',
  type: 'float32',
  shape,
  ...more,
});

describe('the type of an image', () => {
  test('is that of its bytes, whatever the file is called', () => {
    expect(imageTypeOf(readFileSync(join(root, 'examples/digits/images/digit-00.png')))).toBe('image/png');
    expect(imageTypeOf(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))).toBe('image/jpeg');
    expect(imageTypeOf(readFileSync(join(root, 'test/fixtures/bmp/bits24.bmp')))).toBe('image/bmp');
    expect(imageTypeOf(Buffer.from('RIFF....WEBPVP8 '))).toBe('image/webp');
  });

  test.each(['', 'BM', 'GIF89a', 'RIFF....WAVE', '{"instances": []}', '\u0089PN'])(
    'is unknown of %j',
    (text) => {
      expect(imageTypeOf(Buffer.from(text, 'latin1'))).toBeUndefined();
    },
  );
});

describe('what a model gets', () => {
  test.each([
    [input([null, 3, 8, 6]), { height: 8, width: 6 }],
    [input([null, 8, 6, 3]), { height: 8, width: 6 }],
    [input([1, 5, 7, 4], { layout: 'hwc' }), { height: 5, width: 7 }],
    [input([3, 8, 6]), { height: 8, width: 6 }],
    [input([null, 3, null, null]), undefined],
    [input([null, 64]), undefined],
    [undefined, undefined],
  ])('has the size of the input where that is fixed: %j', (info, size) => {
    expect(sizeOfInput(info)).toEqual(size);
  });

  test.each([
    [input([null, 3, 8, 8]), true],
    [input([null, null, 8, 8]), true],
    [input([null, 224, 224, 3]), true],
    [input([null, 64]), false],
    [input([null, 10, 20, 30]), false],
    [input([1, 2, 3, 4, 5]), false],
    [input([null, 3, 8, 8], { type: 'string' }), false],
    [undefined, false],
  ])('may be an image by the shape of its input: %j', (info, is) => {
    expect(takesImages(info)).toBe(is);
  });

  test('is resized as a worker does it, to the last bit', () => {
    const [width, height] = [13, 9];
    const data = Uint8Array.from({ length: 4 * width * height }, (_, i) => (i * 37) % 256);
    const bgr = new Uint8Array(3 * width * height);
    for (let i = 0; i < width * height; i++)
      bgr.set([data[4 * i + 2] ?? 0, data[4 * i + 1] ?? 0, data[4 * i] ?? 0], 3 * i);
    const expected = resize({ width, height, bgr }, { width: 5, height: 4 }).bgr;
    const rgba = resized({ data, width, height }, { width: 5, height: 4 });
    const shown = Array.from({ length: 20 }, (_, i) => [
      rgba[4 * i + 2],
      rgba[4 * i + 1],
      rgba[4 * i],
    ]).flat();
    expect(shown).toEqual([...expected]);
    expect(rgba.filter((_, i) => i % 4 === 3).every((alpha) => alpha === 255)).toBe(true);
  });
});
