import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createImageDecoder } from '../../../../server/src/codec/image/imageThread.ts';
import { warmUp } from '../../../../server/src/engine/reload/warmUp.ts';
import type { Model } from '../../../../server/src/model/model.ts';

/** A bitmap of 2 x 1 pixels: blue, then red. */
function bitmap(): Buffer {
  const bytes = Buffer.alloc(54 + 8);
  bytes.write('BM');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(2, 18);
  bytes.writeInt32LE(1, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  bytes.set([255, 0, 0, 0, 0, 255], 54);
  return bytes;
}

/** Takes images of 2 x 1 pixels, and keeps what it is given. */
function imageModel(slots = 1): { readonly model: Model; readonly given: number[][] } {
  const given: number[][] = [];
  const model: Model = {
    inputs: [{ name: 'image', type: 'float32', shape: [null, 3, 1, 2] }],
    outputs: [{ name: 'y', type: 'float32', shape: [null, 1] }],
    labels: new Map(),
    sharing: { shared: true, reason: 'each pixel by itself', proof: 'graph' },
    slots,
    run([feed]) {
      given.push(Array.from(feed?.data ?? [], Number));
      return Promise.resolve([{ name: 'y', type: 'float32', shape: [1, 1], data: new Float32Array(1) }]);
    },
    close: () => Promise.resolve(),
  };
  return { model, given };
}

async function warm(files: Readonly<Record<string, Buffer | string>>, slots = 1) {
  const folder = mkdtempSync(join(tmpdir(), 'warmup-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  if (Object.keys(files).length > 0) mkdirSync(join(folder, 'warmup'));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, 'warmup', name), bytes);
  const images = createImageDecoder('');
  onTestFinished(() => images.close());
  const { model, given } = imageModel(slots);
  const unfit: string[] = [];
  const job = { inputAlreadyBatched: false, imageResize: null };
  const count = await warmUp({ model, folder, job, images, onUnfitSample: (line) => unfit.push(line) });
  return { count, given, unfit };
}

const pixels = [0, 255, 0, 0, 255, 0];

test('a model without samples is not run', async () => {
  expect(await warm({})).toEqual({ count: 0, given: [], unfit: [] });
});

test.each(['a.bmp', 'A.BMP'])('an image of a format that clients may send is a sample: %s', async (name) => {
  const { count, given, unfit } = await warm({ [name]: bitmap() });
  expect([count, unfit]).toEqual([1, []]);
  expect(given.map((one) => one.toSorted())).toEqual([pixels.toSorted()]);
});

test('what is neither an image nor JSON is left alone', async () => {
  expect(await warm({ 'readme.txt': 'samples', 'a.onnx': 'x' })).toEqual({ count: 0, given: [], unfit: [] });
});

test('each instance of a JSON file is a sample, and each copy of the model gets it', async () => {
  const image = [[[1, 2]], [[3, 4]], [[5, 6]]];
  const { count, given } = await warm({ 'a.json': JSON.stringify({ instances: [{ image }, { image }] }) }, 3);
  expect(count).toBe(2);
  expect(given).toEqual(Array.from({ length: 6 }, () => [1, 2, 3, 4, 5, 6]));
});

test('a sample that the model cannot take is named, and the others are run', async () => {
  const image = [[[1, 2]], [[3, 4]], [[5, 6]]];
  const { count, unfit } = await warm({
    'a.json': '{"instances": [',
    'b.png': 'no image',
    'c.json': JSON.stringify({ instances: [{ image: [1] }] }),
    'd.json': JSON.stringify({ instances: [{ image }] }),
  });
  expect(count).toBe(1);
  expect(unfit.map((line) => /([abc])\.(json|png)/.exec(line)?.[1])).toEqual(['a', 'b', 'c']);
});

test('samples beyond the 64th are not run: a start would take too long', async () => {
  const image = [[[1, 2]], [[3, 4]], [[5, 6]]];
  const instances = Array.from({ length: 70 }, () => ({ image }));
  const { count, given } = await warm({ 'a.json': JSON.stringify({ instances }) });
  expect([count, given.length]).toEqual([64, 64]);
});
