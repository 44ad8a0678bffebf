import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runtimes } from '../../schemas/runtimes.ts';
import { noHost } from '../../server/src/model/session.ts';
import { runtimeTable } from '../../server/src/model/runtimes/runtimes.ts';
import type { Model } from '../../server/src/model/model.ts';
import type { QuickRuns } from '../../server/src/model/quickModel.ts';
import { loadModel } from '../../server/src/model/loadModel.ts';
import { sampleFeeds } from '../../server/src/model/samples.ts';

const root = join(import.meta.dirname, '../..');

async function load(quick: QuickRuns, copies = 1, name = 'mlp'): Promise<Model> {
  const model = await loadModel({
    source: { type: 'onnx', file: join(root, `test/fixtures/models/${name}/${name}.onnx`) },
    runtime: 'onnxruntime',
    place: '',
    copies,
    threads: 1,
    batchSize: 64,
    workerFile: join(root, 'dist/modelWorker.mjs'),
    onDeath: (error) => {
      throw error;
    },
    quick,
  });
  onTestFinished(() => model.close());
  return model;
}

const always: QuickRuns = { quickMs: Infinity, slowMs: Infinity };
const never: QuickRuns = { quickMs: 0, slowMs: 0 };
/** A model with a thread has a place for one more run beside the one that runs. */
const [withoutThread, withThread] = [1, 2];

test('a quick model gives the same without a thread as with one', async () => {
  const here = await load(always);
  const there = await load(never);
  expect([here.slots, there.slots]).toEqual([withoutThread, withThread]);
  const feeds = () => sampleFeeds(here.inputs, 3);
  expect(await here.run(feeds())).toEqual(await there.run(feeds()));
});

test('a model that turns out slow goes on on its thread', async () => {
  const model = await load({ quickMs: Infinity, slowMs: 0 });
  expect(model.slots).toBe(withoutThread);
  const first = await model.run(sampleFeeds(model.inputs, 1));
  await model.run(sampleFeeds(model.inputs, 1));
  await model.run(sampleFeeds(model.inputs, 1));
  expect(model.slots).toBe(withThread);
  expect(await model.run(sampleFeeds(model.inputs, 1))).toEqual(first);
});

test('several copies run side by side, each on a thread', async () => {
  const model = await load(always, 2);
  expect(model.slots).toBe(2 * withThread);
});

test('feeds that the model refuses are an error of the run, with a thread and without', async () => {
  for (const quick of [always, never]) {
    const model = await load(quick);
    await expect(model.run([])).rejects.toMatchObject({ code: 'model-run-failed' });
    await expect(model.run(sampleFeeds(model.inputs, 1))).resolves.toHaveLength(1);
  }
});

test('a single value is distinguished from a tensor whose axes the model leaves open', async () => {
  const { inputs, outputs } = await load(never, 1, 'ranks');
  expect([...inputs, ...outputs]).toEqual([
    { name: 'any', type: 'float32', shape: [], openRank: true },
    { name: 'single', type: 'float32', shape: [], openRank: false },
    { name: 'y', type: 'float32', shape: [], openRank: true },
  ]);
});

test('the newest opset and IR version that are said to be read are the newest that the runtime reads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'newest-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const sound = readFileSync(join(root, 'test/fixtures/models/echo/echo.onnx'));
  const { ir, opset } = runtimes.onnxruntime.newest;
  const opensAs = async (at: number, version: number) => {
    const bytes = Buffer.from(sound);
    bytes[at] = version;
    const file = join(folder, 'echo.onnx');
    writeFileSync(file, bytes);
    const options = { source: { type: 'onnx', file }, threads: 1, place: '', precision: 'f32' } as const;
    const apart = { allowPickle: false, runTimeoutMs: 1 };
    return runtimeTable.onnxruntime.load({ ...options, ...apart }, noHost).then(
      async (session) => {
        await session.release();
        return true;
      },
      () => false,
    );
  };
  // The version of the format is the first field, that of the operators the last.
  expect([await opensAs(1, ir), await opensAs(1, ir + 1)]).toEqual([true, false]);
  const last = sound.length - 1;
  expect([await opensAs(last, opset), await opensAs(last, opset + 1)]).toEqual([true, false]);
});
