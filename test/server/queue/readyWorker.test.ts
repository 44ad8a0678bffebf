import { expect, test } from 'vitest';
import type { Heartbeat, JobReport } from '../../../schemas/jobEvents.ts';
import { readyWorker } from '../../../server/src/queue/registry/jobReports.ts';

// What may be asked of a job whose workers do not serve alike.

const inferenceMs = { p50: 1, p95: 1, p99: 1 };
const figures = { answered: 0, failed: 0, inferenceMs };
const rollout = (version: string, isShadow = false) => ({
  ...{ version, percent: 10, isShadow, since: 0 },
  ...{ served: figures, next: figures },
});
const jobOf = (...beats: readonly Partial<Heartbeat>[]) =>
  ({ workers: beats.map((beat) => ({ heartbeat: { state: 'ready', ...beat } })) }) as unknown as JobReport;

test('a second version can be asked where all workers that are ready serve it', () => {
  const both = { version: '1', rollout: rollout('2') };
  expect(readyWorker(jobOf(both, both))?.rollout?.version).toBe('2');
  expect(readyWorker(jobOf(both, { version: '1', state: 'stopping' }))?.rollout).toBeDefined();
});

test.each<readonly [string, Partial<Heartbeat>]>([
  ['has none', { version: '1' }],
  ['has another', { version: '1', rollout: rollout('3') }],
  ['only compares it', { version: '1', rollout: rollout('2', true) }],
  ['serves it to all', { version: '2' }],
])('no second version can be asked where a worker %s', (_, other) => {
  const ready = readyWorker(jobOf({ version: '1', rollout: rollout('2') }, other));
  expect([ready?.version, ready?.rollout]).toEqual(['1', undefined]);
});

test('a form is read where all read it', () => {
  const ready = readyWorker(jobOf({ forms: ['original', 'typed'] }, { forms: ['original'] }));
  expect(ready?.forms).toEqual(['original']);
});
