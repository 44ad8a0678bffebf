import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../server/src/engine/clock.ts';
import { createDecoder } from '../../server/src/engine/records/decodeRecord.ts';
import { createEncoder } from '../../server/src/engine/records/encodeOutputs.ts';
import type { Log } from '../../server/src/engine/log.ts';
import { createQueueSource } from '../../server/src/engine/queueSource.ts';
import { createRuns } from '../../server/src/engine/flow/runs.ts';
import { createStatistics } from '../../server/src/engine/statistics.ts';
import { createWriter } from '../../server/src/engine/flow/writer.ts';
import type { Model } from '../../server/src/model/model.ts';
import { loadModel } from '../../server/src/model/loadModel.ts';
import type { Answer } from '../../server/src/queue/recordQueue.ts';
import { engineCases, type EngineCase } from '../support/engineCases.ts';
import { queued } from '../support/memoryQueue.ts';
import { models, root } from '../support/serving.ts';

// What the engine answers is written down; test/flink/goldenCases.test.ts holds the job on Flink to the very same.

test('every case is answered as it is written down', async () => {
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
  return loadModel({
    source: { type: 'onnx', file: join(models, folder, file ?? '') },
    runtime: 'onnxruntime',
    place: '',
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
  const { inputs, outputs, sharing } = model;
  const record = queued({ uri: 'one', data: one.data, serde: one.serde });
  const statistics = createStatistics(0);
  const answer = await new Promise<Answer>((resolve, reject) => {
    const writer = createWriter({
      queue: {
        finish: ([first]) => {
          resolve(first as Answer);
          return Promise.resolve();
        },
      },
      statistics,
      clock,
      log: silentLog,
      onWritten: () => undefined,
      onFatal: reject,
    });
    const runs = createRuns({
      queue: { noteRunning: () => Promise.resolve() },
      model,
      batchSize: 4,
      batchTimeoutMs: 0,
      maxDeliveries: 3,
      hasOthers: () => false,
      statistics,
      clock,
      log: silentLog,
      onFatal: reject,
    });
    const source = createQueueSource(writer, createEncoder(one.postProcessing, outputs), clock);
    const decode = createDecoder({
      inputs,
      batched: sharing.shared,
      inputAlreadyBatched: one.inputAlreadyBatched ?? false,
      imageResize: one.imageResize,
    });
    Promise.resolve(record)
      .then(decode)
      .then(
        (decoded) => {
          runs.add({ source, name: '', record, decoded, rows: decoded.rows, key: decoded.key });
          runs.pump();
        },
        (error: unknown) => writer.giveUp(record, error),
      );
  });
  const [code = ''] = answer.reason?.split(':') ?? [];
  return { value: String(answer.value), ...(answer.reason === undefined ? {} : { reason: code }) };
}

const clock = systemClock();
const silentLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  lost: 0,
  close: () => undefined,
};
