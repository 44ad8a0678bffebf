import { expect, test } from 'vitest';
import { decodeImage } from '../../../server/src/codec/image/decodeImage.ts';
import { formatOf } from '../../../server/src/codec/image/formats.ts';
import { readImageSize } from '../../../server/src/codec/image/header.ts';
import { describeInput } from '../../../server/src/inspect/describeInput.ts';
import { goldenImages, testGoldens } from '../../support/goldenImages.ts';

const images = goldenImages('bmp');
const { fixture, goldens } = images;
const undecodable = expect.objectContaining({ code: 'record-undecodable' }) as Error;
const layout = 'hwc';

testGoldens(images);

test.each(goldens)('$file is refused wherever it is cut', ({ file }) => {
  const whole = fixture(file);
  for (let size = 0; size < whole.length; size += 7)
    expect(() => decodeImage(whole.subarray(0, size), { layout })).toThrow(undecodable);
  expect(() => decodeImage(whole.subarray(0, whole.length - 1), { layout })).toThrow(undecodable);
  expect(decodeImage(Buffer.concat([whole, Buffer.alloc(99)]), { layout })).toEqual(
    decodeImage(whole, { layout }),
  );
});

test.each([
  ['rle8.bmp', 'is compressed'],
  ['bits32-swapped.bmp', 'orders its colours in another way'],
  ['bits2.bmp', 'has 2 bits a pixel'],
])('%s is refused with what to do', (file, why) => {
  expect(() => decodeImage(fixture(file), { layout })).toThrow(undecodable);
  expect(() => decodeImage(fixture(file), { layout })).toThrow(`is a BMP that ${why}`);
  expect(() => decodeImage(fixture(file), { layout })).toThrow('as PNG');
});

test('a header that was damaged is refused or decoded, and reads nothing from beyond the file', () => {
  for (let at = 10; at < 54; at++)
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
      const damaged = fixture('palette4.bmp');
      damaged[at] = value;
      try {
        const { height, width, data } = decodeImage(damaged, { layout });
        expect(data.length).toBe(3 * height * width);
      } catch (error) {
        expect(error).toEqual(undecodable);
      }
    }
});

test('one that claims to be huge is refused before anything is decoded', () => {
  const huge = fixture('bits24.bmp');
  huge.writeInt32LE(2_000_000_000, 18);
  huge.writeInt32LE(-2_147_483_648, 22);
  expect(() => readImageSize('x', huge)).toThrow(undecodable);
});

test('an index that the palette does not have is black', () => {
  const short = fixture('palette8.bmp');
  short.writeUInt32LE(1, 46);
  const { data } = decodeImage(short, { layout });
  expect(data.some((value) => value === 0)).toBe(true);
});

test('a text that begins with its letters is no image', () => {
  expect(formatOf(Buffer.from('BM is how this text begins, and nothing else'))).toBeUndefined();
  expect(formatOf(fixture('bits24.bmp'))?.name).toBe('bmp');
});

test('it is described as what it is', () => {
  const base64 = fixture('grey.bmp').toString('base64');
  expect(describeInput('x', { kind: 'image', base64 }, {})).toMatchObject({
    format: 'bmp',
    height: 19,
    width: 29,
  });
});
