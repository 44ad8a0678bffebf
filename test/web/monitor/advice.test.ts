import { describe, expect, test } from 'vitest';
import { createText } from '../../../web/design/createText.ts';
import { adviceOf } from '../../../web/monitor/advice.ts';
import { chinese } from '../../../web/monitor/texts.ts';
import { aJob, aWorker } from './aJob.ts';

const t = createText(chinese, 'en');

describe('the advice', () => {
  test('names the stage that takes more than the others together, with its share', () => {
    const advice = adviceOf(aJob([aWorker('a', { inference: 17 })]), t);
    expect(advice?.stage).toBe('inference');
    expect(advice?.text).toMatch(/17 of 20 ms .*85 %/);
    expect(advice?.key).toBe('threadPerModel');
  });

  test.each(['decode', 'write'] as const)('has no key to raise where %s takes the time', (stage) => {
    const advice = adviceOf(aJob([aWorker('a', { [stage]: 30 })]), t);
    expect(advice?.stage).toBe(stage);
    expect(advice?.key).toBeUndefined();
  });

  test('is about the slowest of several workers', () => {
    const job = aJob([aWorker('a', { inference: 9 }), aWorker('b', { write: 90 })]);
    expect(adviceOf(job, t)?.stage).toBe('write');
  });

  test('is a larger batch where records wait and batches are full', () => {
    const worker = aWorker('a', { queueWait: 50 }, { batchSize: { mean: 30, max: 32 } });
    expect(adviceOf(aJob([worker]), t)?.key).toBe('batchSize');
  });

  test('is more copies where records wait and batches are not full', () => {
    const worker = aWorker('a', { queueWait: 50 }, { batchSize: { mean: 3, max: 32 } });
    expect(adviceOf(aJob([worker]), t)?.key).toBe('modelParallelism');
  });

  test('never asks for a larger batch where records may not share one, and says why they may not', () => {
    const worker = aWorker(
      'a',
      { queueWait: 50 },
      {
        batchSize: { mean: 4, max: 4 },
        sharing: { shared: false, reason: 'NonMaxSuppression lists all boxes together' },
      },
    );
    const advice = adviceOf(aJob([worker]), t);
    expect(advice?.key).toBe('modelParallelism');
    expect(advice?.text).toContain('NonMaxSuppression lists all boxes together');
  });

  test('is none where no stage stands out, no record was answered, or no worker lives', () => {
    expect(adviceOf(aJob([aWorker('a')]), t)).toBeUndefined();
    expect(adviceOf(aJob([aWorker('a', { inference: 90 }, { processed: 0 })]), t)).toBeUndefined();
    expect(adviceOf(aJob([]), t)).toBeUndefined();
  });
});
