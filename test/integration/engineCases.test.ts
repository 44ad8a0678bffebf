import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ServingError } from '../../schemas/errors.ts';
import { unanswerable } from '../../schemas/redisKeys.ts';
import { assemble, splitRows, wholeOutputs } from '../../server/src/engine/assemble.ts';
import { createDecoder } from '../../server/src/engine/decodeRecord.ts';
import { createEncoder } from '../../server/src/engine/encodeOutputs.ts';
import type { Model } from '../../server/src/model/model.ts';
import { loadOnnxModel } from '../../server/src/model/onnxModel.ts';
import { engineCases, type EngineCase } from '../support/engineCases.ts';
import { models, root } from '../support/serving.ts';

// What this engine answers is written down, and the job on Flink is held to the very same by its own suite.

test('every case is answered as it is written down for both engines', async () => {
  const loaded = new Map<string, Model>();
  const answered = [];
  for (const one of engineCases()) {
    const model = loaded.get(one.model) ?? (await load(one.model));
    loaded.set(one.model, model);
    answered.push({ ...one, answer: await answerOf(one, model) });
  }
  await Promise.all([...loaded.values()].map((model) => model.close()));
  const text = `[\n${answered.map((line) => JSON.stringify(line)).join(',\n')}\n]\n`;
  await expect(text).toMatchFileSnapshot('../fixtures/engine/cases.json');
});

function load(folder: string): Promise<Model> {
  const [file] = readdirSync(join(models, folder)).filter((name) => name.endsWith('.onnx'));
  return loadOnnxModel({
    file: join(models, folder, file ?? ''),
    copies: 1,
    threads: 1,
    batchSize: 4,
    workerFile: join(root, 'dist', 'modelWorker.mjs'),
    onDeath: (error) => {
      throw error;
    },
  });
}

/** What its client reads, and the code of the reason where that is no answer. */
async function answerOf(one: EngineCase, model: Model): Promise<{ value: string; reason?: string }> {
  const { inputs, batched } = model;
  const decode = createDecoder({
    inputs,
    batched,
    inputAlreadyBatched: one.inputAlreadyBatched ?? false,
    imageResize: one.imageResize,
  });
  try {
    const fitted = decode({
      id: '1-1',
      enqueuedAt: 0,
      uri: 'one',
      data: one.data,
      serde: one.serde,
      deadline: undefined,
      sharedBy: 1,
      deliveries: 1,
      deaths: 0,
      alone: false,
    });
    const outputs = await model.run(assemble(inputs, [fitted]));
    const [rows] = (batched ? splitRows(outputs, [fitted]) : undefined) ?? [wholeOutputs(outputs, fitted)];
    return { value: createEncoder(one.postProcessing)(rows ?? []) };
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    return { value: unanswerable, reason: error.code };
  }
}
