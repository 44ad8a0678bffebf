import type { Heartbeat, JobReport, WorkerReport } from '../../../schemas/jobEvents.ts';

/** A worker that has answered records, its stages in ms as p95. */
export function aWorker(
  workerId: string,
  stages: Partial<Readonly<Record<'queueWait' | 'decode' | 'inference' | 'write', number>>> = {},
  more: Partial<Heartbeat> = {},
): WorkerReport {
  const stage = (p95 = 1) => ({ p50: p95 / 2, p95, p99: 2 * p95 });
  const { queueWait, decode, inference, write } = stages;
  return {
    registration: {
      workerId,
      jobName: 'digits',
      backend: 'embedded',
      host: 'here',
      pid: 7,
      configPath: '/c/config.yaml',
      configDigest: '',
      logFile: '',
      startedAt: 0,
    },
    heartbeat: {
      workerId,
      jobName: 'digits',
      at: 0,
      state: 'ready',
      modelType: 'onnx',
      modelFile: 'm.onnx',
      inputs: [],
      outputs: [],
      batched: true,
      processed: 10,
      failed: 0,
      expired: 0,
      recordsPerSecond: 5,
      batchSize: { mean: 1, max: 1 },
      latencyMs: {
        queueWait: stage(queueWait),
        decode: stage(decode),
        inference: stage(inference),
        write: stage(write),
      },
      inHand: 0,
      takenOver: 0,
      reconnects: 0,
      rssBytes: 0,
      ...more,
    },
  };
}

export function aJob(workers: readonly WorkerReport[], more: Partial<JobReport> = {}): JobReport {
  return {
    jobName: 'digits',
    redis: 'localhost:6379',
    backend: 'embedded',
    state: 'running',
    workers,
    queue: { waiting: 0, pending: 0, dead: 0, oldestAgeMs: 0 },
    ...more,
  };
}
