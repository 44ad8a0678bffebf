import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeImage } from '../../server/src/codec/image/decodeImage.ts';
import { readImageSize } from '../../server/src/codec/image/header.ts';

interface Golden {
  readonly file: string;
  readonly golden: string;
  readonly height: number;
  readonly width: number;
}

/** The images of a folder of the fixtures, and what OpenCV makes of them. */
export function goldenImages(folder: string) {
  const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures', folder, name));
  return { fixture, goldens: JSON.parse(fixture('index.json').toString()) as readonly Golden[] };
}

/** One test for each image: it is decoded to the very values of OpenCV. */
export function testGoldens({ fixture, goldens }: ReturnType<typeof goldenImages>): void {
  test.each(goldens)('$file has the very values of OpenCV', ({ file, golden, height, width }) => {
    const { data, ...size } = decodeImage(fixture(file), { layout: 'hwc' });
    expect(size).toEqual({ height, width });
    expect(readImageSize('x', fixture(file))).toEqual({ height, width });
    expect(Buffer.from(Uint8Array.from(data)).equals(gunzipSync(fixture(golden)))).toBe(true);
  });
}
