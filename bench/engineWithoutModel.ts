import { redisAddress } from '../server/src/queue/redis/redisAddress.ts';
import { createRedisQueue } from '../server/src/queue/redis/redisQueue.ts';
import { createDecoder } from '../server/src/engine/records/decodeRecord.ts';
import { createEncoder } from '../server/src/engine/records/encodeOutputs.ts';
import { createEngine } from '../server/src/engine/engine.ts';
import { createStatistics } from '../server/src/engine/statistics.ts';
import { readConfig } from '../server/src/config/readConfig.ts';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Model } from '../server/src/model/model.ts';

/** The engine's own parts around a model that costs nothing: what everything but the inference costs. */
const configPath = process.argv[process.argv.indexOf('--config') + 1] ?? '';
const { config } = readConfig(readFileSync(configPath, 'utf8'));
if (!config) throw new Error('bad config');
// As the engine's own main does.
Buffer.poolSize = 64 * 1024;

const inputs = [{ name: 'x', type: 'float32', shape: [null, 64] }];
const model: Model = {
  inputs,
  outputs: [{ name: 'y', type: 'float32', shape: [null, 10] }],
  labels: new Map(),
  sharing: { shared: true, reason: 'every row comes back as it is', proof: 'word' },
  slots: 2,
  run: (feeds) => {
    const rows = feeds[0]?.shape[0] ?? 0;
    return Promise.resolve([
      { name: 'y', type: 'float32', shape: [rows, 10], data: new Float32Array(rows * 10) },
    ]);
  },
  close: () => Promise.resolve(),
};
const queue = createRedisQueue({
  address: redisAddress(config, dirname(configPath)),
  jobName: config.jobName,
  workerId: 'without-model',
  claimIdleMs: 30_000,
  resultTtlSeconds: 0,
  onTrouble: () => undefined,
});
const quiet = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  lost: 0,
  close: () => undefined,
};
const engine = createEngine({
  queue,
  model,
  decode: createDecoder({ inputs, batched: true, inputAlreadyBatched: false, imageResize: undefined }),
  encode: createEncoder(undefined, model.outputs),
  batchSize: config.batchSize,
  batchTimeoutMs: 0,
  maxDeliveries: 3,
  statistics: createStatistics(Date.now()),
  log: quiet,
});
void queue.open().then(() => {
  setInterval(() => void queue.trim(), 1_000);
  process.send?.({ ready: true });
  return engine.run();
});
