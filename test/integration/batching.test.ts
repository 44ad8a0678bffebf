import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compareRuns } from '../../server/src/model/compareRuns.ts';
import type { Model, ModelTensor } from '../../server/src/model/model.ts';
import { loadModel } from '../../server/src/model/loadModel.ts';
import { joinSamples, plainSample, sampleRow, type SampleKind } from '../../server/src/model/samples.ts';
import { batchModel, batchModels } from '../support/batchModels.ts';
import { root } from '../support/serving.ts';

async function load(file: string, batching: 'auto' | 'on' | 'off' = 'auto'): Promise<Model> {
  const model = await loadModel({
    source: { type: 'onnx', file },
    runtime: 'onnxruntime',
    place: '',
    copies: 1,
    threads: 1,
    batchSize: 64,
    batching,
    workerFile: join(root, 'dist/modelWorker.mjs'),
    onDeath: (error) => {
      throw error;
    },
  });
  onTestFinished(() => model.close());
  return model;
}

/** Rows of amplitudes that are far apart, of 32 positions, words or points where the model leaves that open. */
function rowsOf(model: Model): ModelTensor[][] {
  const kind: SampleKind = { ...plainSample, openSize: 32, wholeLimit: 2 };
  return [1, 300, 0.003, 5, 5].map((scale, seed) =>
    sampleRow(model.inputs, { ...kind, scale, seed: 50 + seed }),
  );
}

test.each(batchModels('mixing'))('no records share a run of %s', async (name) => {
  const { sharing } = await load(batchModel('mixing', name));
  expect(sharing).toMatchObject({ shared: false, reason: expect.stringMatching(/\w{3}/) as string });
});

test.each(batchModels('rowwise'))('records share runs of %s, and get their own answers', async (name) => {
  const model = await load(batchModel('rowwise', name));
  expect(model.sharing).toMatchObject({ shared: true, proof: 'graph' });
  const rows = rowsOf(model);
  const alone = [];
  for (const row of rows) alone.push({ rows: 1, outputs: await model.run(joinSamples([row])) });
  expect(compareRuns(await model.run(joinSamples(rows)), alone)).toEqual([]);
});

test('the config decides for a model that the graph refutes or proves', async () => {
  expect((await load(batchModel('mixing', 'centred'), 'on')).sharing).toMatchObject({
    shared: true,
    proof: 'word',
  });
  expect((await load(batchModel('rowwise', 'bert'), 'off')).sharing).toMatchObject({
    shared: false,
    proof: 'word',
  });
});
