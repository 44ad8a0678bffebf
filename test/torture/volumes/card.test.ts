import { expect, test } from 'vitest';
import type { Round } from '../run.ts';
import { backlogRow, cardOf, faultRows, fuzzRow, graphsRow, killRows, soakRows } from './card.ts';
import { middlesOf, slopeOf } from './soak.ts';

const round: Round = {
  ...{
    number: 1,
    nemesis: 'OOM',
    workers: 1,
    kills: 2,
    records: 1_500,
    answered: 1_500,
    refused: 0,
    gone: 0,
  },
  ...{ recoveries: [20, 4_000], findings: [] },
};
const lost = { fault: 'lost', about: 'a', why: 'it was accepted and never answered' } as const;
const found = (rows: readonly { readonly isGood: boolean }[]) => rows.map(({ isGood }) => isGood);

test('kills are summed up by the number of workers', () => {
  const rows = killRows([round, round, { ...round, workers: 4, findings: [lost] }]);
  expect(rows.map(({ tried }) => tried)).toEqual([
    '4 kills of a single worker, 3,000 records',
    '2 kills of 4 workers, 1,500 records',
  ]);
  expect(found(rows)).toEqual([true, false]);
  expect(rows[1]?.found).toContain('1 lost, 0 wrong');
});

test.each([
  [[20, 4_999], '2/2 within 5 s', true],
  [[20, 5_001], '1/2 within 5 s', false],
  [[20, undefined], '1/2 within 5 s', false],
])('a fault is good where each answer came in time: %j', (recoveries, text, isGood) => {
  const [row] = faultRows([{ ...round, recoveries }]);
  expect([row?.isGood, row?.found]).toEqual([isGood, expect.stringContaining(text)]);
});

test('damaged input that harmed fails the card', () => {
  const report = { count: 10, outcomes: new Map(), slowestMs: 3 };
  expect(fuzzRow('payloads', { ...report, found: [] }).isGood).toBe(true);
  expect(fuzzRow('payloads', { ...report, found: ['a crash'] }).isGood).toBe(false);
});

test.each([
  [{ proved: 70, refuted: 30 }, [], true],
  [{ proved: 70 }, ['differs by 0.9'], false],
  [{ refuted: 100 }, [], false],
])('graphs of which %j were judged, and %j was found', (outcomes, wrong, isGood) => {
  const row = graphsRow({
    ...{ count: 20, slowestMs: 1, found: wrong },
    outcomes: new Map(Object.entries(outcomes)),
  });
  expect(row.isGood).toBe(isGood);
  expect(row.found).toContain(`${wrong.length} of them`);
});

const backlogReport = {
  ...{ records: 100, answered: 100, readByOthers: 100, trimmedUnread: 0, refusals: 3, left: 0, seconds: 2 },
  found: [],
};
test.each([
  ['all is answered and read', {}, true],
  ['an entry was trimmed unread', { trimmedUnread: 1 }, false],
  ['a record has no answer', { answered: 99 }, false],
  ['something was found', { found: ['nothing moved'] }, false],
])('a backlog in which %s', (_, more, isGood) => {
  expect(backlogRow({ ...backlogReport, ...more }).isGood).toBe(isGood);
});

test.each([
  [0.9, true],
  [1.1, false],
  [-3, true],
])('memory that grows by %d MB in ten minutes', (megabytes, isGood) => {
  const memory = [{ process: 'worker', rss: 1e8, per10Minutes: megabytes * 1024 ** 2 }];
  expect(found(soakRows({ minutes: 10, records: 5, memory, findings: [] }))).toEqual([isGood]);
});

test('growth is seen below noise, and a single jump is none', () => {
  const noise = (i: number) => ((i * 7919) % 13) * 10;
  const growing = Array.from({ length: 600 }, (_, i) => 1_000 + 2 * i + noise(i));
  expect(slopeOf(middlesOf(growing)) / 10).toBeCloseTo(2, 0);
  const jumping = Array.from({ length: 600 }, (_, i) => (i > 200 && i < 230 ? 9_000 : 1_000));
  expect(slopeOf(middlesOf(jumping))).toBe(0);
});

test('a card says which rows failed', () => {
  const rows = [
    { tried: 'a', found: 'b', isGood: true },
    { tried: 'c', found: 'd', isGood: false },
  ];
  expect(cardOf(rows, 7, 3).slice(-2)).toEqual(['| a | b | ok |', '| c | d | FAILED |']);
});
