import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { decodeImage, type DecodedImage } from '../../server/src/codec/image/decodeImage.ts';
import { encodePng } from '../../server/src/codec/image/encodePng.ts';
import { createImageDecoder } from '../../server/src/codec/image/imageThread.ts';
import { root } from '../support/serving.ts';

const decoder = createImageDecoder(join(root, 'dist', 'imageWorker.mjs'));
afterAll(() => decoder.close());

function image(height: number, width: number): Buffer {
  return encodePng({ height, width, bgr: Uint8Array.from({ length: 3 * height * width }, (_, i) => i * i) });
}

function bytesOf(image: DecodedImage | undefined): Buffer {
  return image ? Buffer.from(image.data.buffer as ArrayBuffer) : Buffer.alloc(0);
}

test('large and small images become the same as on this thread, in any order', async () => {
  const small = readFileSync(join(root, 'test', 'fixtures', 'images', 'jpeg-420.jpg'));
  const large = image(700, 900);
  for (const options of [{ layout: 'chw' }, { layout: 'hwc', resize: { height: 31, width: 17 } }] as const) {
    const files = [large, small, large.toString('base64'), large];
    const decoded = await Promise.all(files.map(async (file) => decoder.decode(file, options)));
    for (const [i, file] of files.entries()) {
      const here = decodeImage(file, options);
      expect([decoded[i]?.height, decoded[i]?.width]).toEqual([here.height, here.width]);
      // Millions of numbers are compared as bytes.
      expect(bytesOf(decoded[i]).equals(bytesOf(here))).toBe(true);
    }
  }
});

test('others get their turn while a large image is decoded', async () => {
  const large = image(2_000, 2_000);
  const over = new AbortController();
  const decoding = Promise.resolve(decoder.decode(large, { layout: 'chw' })).finally(() => over.abort());
  let turns = 0;
  while (!over.signal.aborted) {
    turns += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await decoding).data).toHaveLength(3 * 2_000 * 2_000);
  expect(turns).toBeGreaterThan(10);
});

test('what is wrong with a large image is said with its code, and the next one is decoded', async () => {
  const damaged = image(700, 900);
  damaged.fill(0, 5_000, 6_000);
  await expect(decoder.decode(damaged, { layout: 'chw' })).rejects.toMatchObject({
    code: 'record-undecodable',
  });
  // What the header says is reported at once.
  expect(() => decoder.decode(image(700, 900), { layout: 'chw', shape: [null, 64] })).toThrow(
    expect.objectContaining({ code: 'input-mismatch' }) as Error,
  );
  expect((await decoder.decode(image(600, 600), { layout: 'chw' })).height).toBe(600);
});
