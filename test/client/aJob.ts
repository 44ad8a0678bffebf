import type { Heartbeat, JobReport } from '../../schemas/jobEvents.ts';

const zero = { p50: 0, p95: 0, p99: 0 };

export const beat: Heartbeat = {
  workerId: 'w1',
  jobName: 'digits',
  at: 0,
  state: 'ready',
  modelType: 'onnx',
  modelFile: '/models/digits.onnx',
  inputs: [{ name: 'image', type: 'float32', shape: [null, 1, 8, 8] }],
  outputs: [{ name: 'probabilities', type: 'float32', shape: [null, 10] }],
  batched: true,
  processed: 12_345,
  failed: 0,
  recordsPerSecond: 10,
  batchSize: { mean: 1, max: 1 },
  latencyMs: { queueWait: zero, decode: zero, inference: { p50: 1, p95: 2, p99: 3 }, write: zero },
  inHand: 0,
  expired: 0,
  takenOver: 0,
  reconnects: 0,
  rssBytes: 0,
};

/** A running job of one worker, changed as a test wants it. */
export function aJob(changes: Partial<JobReport> = {}): JobReport {
  return {
    jobName: 'digits',
    redis: 'localhost:6379',
    backend: 'embedded',
    state: 'running',
    workers: [
      {
        registration: {
          workerId: 'w1',
          jobName: 'digits',
          backend: 'embedded',
          host: 'here',
          pid: 7,
          configPath: '/work/config.yaml',
          configDigest: '',
          logFile: '/logs/w1.log',
          startedAt: 0,
        },
        heartbeat: beat,
      },
    ],
    queue: { waiting: 0, pending: 0, dead: 0, oldestAgeMs: 0 },
    ...changes,
  };
}
