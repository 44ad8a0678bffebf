import { expect, test } from 'vitest';
import type { Heartbeat, JobReport, Registration } from '../../../schemas/jobEvents.ts';
import { jobLine, recordLines, workerLines } from '../../../server/src/mcp/lines.ts';

const registration: Registration = {
  workerId: 'w',
  jobName: 'digits',
  backend: 'embedded',
  host: 'here',
  pid: 7,
  configPath: '/c/config.yaml',
  configDigest: '',
  logFile: '',
  startedAt: 0,
};
const percentiles = { p50: 1, p95: 2, p99: 3 };
const heartbeat: Heartbeat = {
  workerId: 'w',
  jobName: 'digits',
  at: 0,
  state: 'ready',
  modelType: 'onnx',
  modelFile: 'digits.onnx',
  inputs: [{ name: 'x', type: 'float32', shape: [null, 64] }],
  outputs: [{ name: 'y', type: 'float32', shape: [null, 10] }],
  batched: true,
  sharing: { shared: false, reason: 'batching is off' },
  processed: 12,
  failed: 2,
  expired: 0,
  recordsPerSecond: 3,
  batchSize: { mean: 1, max: 1 },
  latencyMs: { queueWait: percentiles, decode: percentiles, inference: percentiles, write: percentiles },
  inHand: 0,
  takenOver: 0,
  reconnects: 0,
  rssBytes: 0,
};
const job: JobReport = {
  jobName: 'digits',
  redis: 'localhost:6379',
  backend: 'embedded',
  state: 'running',
  workers: [{ registration, heartbeat }, { registration }],
  queue: { waiting: 4, pending: 1, dead: 1, oldestAgeMs: 9 },
};

test('a job is a line with its state, what it has answered and what is in its queue', () => {
  expect(jobLine(job)).toBe(
    'digits: running (embedded, Redis localhost:6379, 1 living worker); answered 12, of these 2 NaN; 4 waiting, 1 in flight, 1 dead letter',
  );
  expect(jobLine({ ...job, failure: 'Its Redis is away.' })).toMatch(/1 dead letter\. Its Redis is away\.$/);
  const needs = { code: 'model-secret-missing', message: 'Send the secret.' } as const;
  expect(jobLine({ ...job, needs })).toMatch(/\. Send the secret\.$/);
});

test('a worker shows its model, its latencies and why it does not batch; a dead one that it is dead', () => {
  const lines = workerLines({ registration, heartbeat }).join('\n');
  expect(lines).toContain('worker 7@here, ready, config /c/config.yaml');
  expect(lines).toContain('in: x float32[?,64], out: y float32[?,10]');
  expect(lines).toContain('inference 1 ms, p99 3 ms');
  expect(lines).toContain('are not batched: batching is off');
  expect(workerLines({ registration, heartbeat: { ...heartbeat, processed: 0 } }).join()).toContain(
    'no record yet',
  );
  expect(workerLines({ registration })).toEqual(['  worker 7@here, dead, config /c/config.yaml']);
  const early = { workerId: 'w', jobName: 'digits', at: 0, state: 'waiting-for-secret' } as const;
  expect(workerLines({ registration, early }).join()).toContain('waiting-for-secret');
});

test('a record shows its id, its reason and what cannot be decoded', () => {
  const dead = { id: '1-1', reason: 'model-run-failed: x', at: 0, deliveries: 1, requeued: 0 };
  expect(
    recordLines({
      jobName: 'digits',
      id: '1-1',
      state: 'dead',
      bytes: 3,
      dead,
      inputs: [],
      error: 'no Arrow',
    }),
  ).toEqual(['1-1  (no uri), 3 bytes', '  model-run-failed: x', '  cannot be decoded: no Arrow']);
});
