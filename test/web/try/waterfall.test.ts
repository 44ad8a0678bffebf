import { expect, test } from 'vitest';
import { readServerTiming, stageParts, stepsOf, withRest } from '../../../web/try/waterfall.ts';

test('what the server says of its time is read, and what it does not say is not made up', () => {
  expect(readServerTiming('receive;dur=1.25, read;dur=0.1, cdn;dur=9, predict;dur=7')).toEqual([
    { name: 'receive', ms: 1.25 },
    { name: 'read', ms: 0.1 },
    { name: 'predict', ms: 7 },
  ]);
  for (const header of [null, '', 'miss', 'read', 'read;dur=', 'read;desc="x"', ';;,,'])
    expect(readServerTiming(header)).toEqual([]);
});

test('the rest of the whole comes before what is known, and is never negative', () => {
  const known = [{ name: 'predict', ms: 7 }] as const;
  expect(withRest(10, known, 'network')).toEqual([{ name: 'network', ms: 3 }, ...known]);
  expect(withRest(6, known, 'network')[0]).toEqual({ name: 'network', ms: 0 });
  expect(withRest(6, [], 'network')).toEqual([{ name: 'network', ms: 6 }]);
});

test('each part begins where the one before it ends, and all of them are the whole', () => {
  const steps = stepsOf([
    { name: 'a', ms: 1 },
    { name: 'b', ms: 3 },
    { name: 'c', ms: 0 },
  ]);
  expect(steps.map(({ from, share }) => [from, share])).toEqual([
    [0, 0.25],
    [0.25, 0.75],
    [1, 0],
  ]);
  expect(stepsOf([{ name: 'a', ms: 0 }])).toEqual([{ name: 'a', ms: 0, from: 0, share: 0 }]);
});

test('the stages of a worker come in the order of their work', () => {
  const parts = stageParts({ write: 4, inference: 3, decode: 2, queueWait: 1 });
  expect(parts.map(({ name, ms }) => [name, ms])).toEqual([
    ['queueWait', 1],
    ['decode', 2],
    ['inference', 3],
    ['write', 4],
  ]);
});
