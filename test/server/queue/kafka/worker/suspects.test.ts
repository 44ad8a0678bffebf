import { expect, it } from 'vitest';
import { noNotes } from '../../../../../server/src/queue/kafka/worker/partitionNotes.ts';
import { createSuspects } from '../../../../../server/src/queue/kafka/worker/suspects.ts';

const now = 1_700_000_000_000;

it('suspects every record that the model had, and counts the death against none of several', () => {
  const suspects = createSuspects({ ...noNotes, running: [4, 5] });
  expect([3, 4, 5].map((offset) => suspects.has(offset))).toEqual([false, true, true]);
  expect(suspects.deaths(4, now)).toBe(0);
});

it('counts a death against the record that the model had alone', () => {
  const once = createSuspects({ ...noNotes, running: [4], deaths: new Map([[4, 1]]) });
  expect(once.deaths(4, now)).toBe(2);
  const among = createSuspects({ ...noNotes, running: [4], amongOthers: true, deaths: new Map([[4, 1]]) });
  expect(among.deaths(4, now)).toBe(1);
});

it('keeps a suspect that no worker has run yet', () => {
  const suspects = createSuspects({ ...noNotes, running: [4], deaths: new Map([[9, 1]]) });
  expect([...suspects.notes().deaths]).toEqual([
    [9, 1],
    [4, 1],
  ]);
});

it('takes deaths off that another record turned out not to be the cause of, three at most and for an hour', () => {
  const suspects = createSuspects({
    ...noNotes,
    deaths: new Map([
      [1, 2],
      [2, 4],
      [3, 5],
    ]),
  });
  suspects.end(1, true, now);
  expect(suspects.deaths(3, now)).toBe(3);
  suspects.end(2, true, now);
  expect(suspects.deaths(3, now)).toBe(2);
  expect(suspects.deaths(3, now + 3_600_001)).toBe(5);
  expect(suspects.notes().stray).toEqual({ count: 3, at: now });
});

it('counts no death where the process that had the record lives: it has lost the partition only', () => {
  const notes = { ...noNotes, running: [4], owner: 'a1', deaths: new Map([[9, 1]]) };
  const suspects = createSuspects(notes, { ownerLives: true });
  expect([suspects.has(4), suspects.has(9)]).toEqual([false, true]);
  expect(suspects.deaths(9, now)).toBe(1);
  expect(createSuspects(notes).deaths(4, now)).toBe(1);
});

it('takes off what other partitions have shown of deaths with another cause, three at most with its own', () => {
  const notes = { ...noNotes, deaths: new Map([[1, 1], ...[2, 3].map((one) => [one, 5] as const)]) };
  let elsewhere = 1;
  const suspects = createSuspects(notes, { strayElsewhere: () => elsewhere });
  expect(suspects.deaths(2, now)).toBe(4);
  suspects.end(1, true, now);
  expect(suspects.deaths(2, now)).toBe(3);
  expect(suspects.strayDeaths(now)).toBe(1);
  elsewhere = 9;
  expect(suspects.deaths(2, now)).toBe(2);
  // What is known from elsewhere is noted there.
  expect(suspects.notes().stray).toEqual({ count: 1, at: now });
  expect(suspects.strayDeaths(now + 3_600_001)).toBe(0);
});

it('learns nothing from a record that was given up', () => {
  const suspects = createSuspects({ ...noNotes, deaths: new Map([[1, 3]]) });
  suspects.end(1, false, now);
  expect(suspects.has(1)).toBe(false);
  expect(suspects.notes().stray.count).toBe(0);
});
