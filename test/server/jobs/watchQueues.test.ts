import { expect, test } from 'vitest';
import { createRates } from '../../../server/src/jobs/watch/watchQueues.ts';

const queue = (jobName: string, added?: number) => ({
  jobName,
  redis: 'localhost:6379',
  waiting: 0,
  pending: 0,
  dead: 0,
  oldestAgeMs: 0,
  length: 0,
  outPerSecond: 0,
  groups: [],
  ...(added === undefined ? {} : { added }),
});

test('the rate is what came in between two looks at the same queue', () => {
  let at = 0;
  const rate = createRates(() => at);
  const look = (ms: number, name: string, added?: number) => {
    at = ms;
    return rate(queue(name, added)).inPerSecond;
  };
  expect(look(0, 'a', 100)).toBeUndefined();
  expect(look(1000, 'b', 5)).toBeUndefined();
  expect(look(2000, 'a', 120)).toBe(10);
  // The stream was deleted and made again, or an older Redis does not count.
  expect(look(3000, 'a', 3)).toBeUndefined();
  expect(look(4000, 'a')).toBeUndefined();
});
