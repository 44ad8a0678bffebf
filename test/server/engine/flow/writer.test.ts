import { expect, test } from 'vitest';
import { systemClock } from '../../../../server/src/engine/clock.ts';
import { createStatistics } from '../../../../server/src/engine/statistics.ts';
import { createWriter } from '../../../../server/src/engine/flow/writer.ts';
import type { Answer } from '../../../../server/src/queue/recordQueue.ts';
import { queued } from '../../../support/memoryQueue.ts';

const skip = () => undefined;

/** Writes values as they come together. @returns how many answers each write had */
async function writesOf(values: readonly (string | Buffer)[]): Promise<number[]> {
  const sizes: number[] = [];
  let written = 0;
  await new Promise<void>((resolve, reject) => {
    const writer = createWriter({
      queue: {
        finish: (answers: readonly Answer[]) => {
          sizes.push(answers.length);
          return Promise.resolve();
        },
      },
      statistics: createStatistics(0),
      clock: systemClock(() => 0),
      log: { info: skip, warn: skip, error: skip, lost: 0, close: skip },
      onWritten: (records) => {
        written += records.length;
        if (written === values.length) resolve();
      },
      onFatal: reject,
    });
    for (const value of values) writer.answer(queued(), value);
  });
  return sizes;
}

test('answers that come together are one write', async () => {
  expect(await writesOf(Array.from({ length: 40 }, () => 'short'))).toEqual([40]);
});

test('large answers are written in pieces, and one that is larger than a piece goes by itself', async () => {
  const megabyte = Buffer.alloc(1024 * 1024);
  expect(await writesOf(Array.from({ length: 10 }, () => megabyte))).toEqual([4, 4, 2]);
  expect(await writesOf(['short', Buffer.alloc(9 * 1024 * 1024), 'short'])).toEqual([1, 1, 1]);
});
