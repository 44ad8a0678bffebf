import { expect, test } from 'vitest';
import { decodeImage } from '../../../server/src/codec/image/decodeImage.ts';
import { readImageSize } from '../../../server/src/codec/image/header.ts';
import { describeInput } from '../../../server/src/inspect/describeInput.ts';
import { goldenImages, testGoldens } from '../../support/goldenImages.ts';

const images = goldenImages('webp');
const { fixture } = images;
const undecodable = expect.objectContaining({ code: 'record-undecodable' }) as Error;
const layout = 'hwc';

testGoldens(images);

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
