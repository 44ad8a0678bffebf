import { describe, expect, test } from 'vitest';
import type { QueueFigures } from '../../../schemas/jobEvents.ts';
import type { Flow } from '../../../client/src/jobs/flow.ts';
import type { Translate } from '../../../client/src/views/figures.ts';
import { jobQueueRow } from '../../../client/src/views/jobQueueRow.ts';

const t: Translate = (message, ...args) => message.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)]));
const ages = { yellowMs: 30_000, redMs: 60_000 };
const quiet: QueueFigures = { waiting: 0, pending: 0, dead: 0, oldestAgeMs: 0 };
const steady: Flow = { inPerSecond: 0, outPerSecond: 0, trend: 'steady' };

/** As `Flow`; undefined takes a figure away. */
type Change = { readonly [Name in keyof Flow]?: Flow[Name] | undefined };

function row(queue: Partial<QueueFigures> = {}, change: Change = {}) {
  const known = Object.entries({ ...steady, ...change }).filter(([, figure]) => figure !== undefined);
  return jobQueueRow('job', { ...quiet, ...queue }, Object.fromEntries(known) as unknown as Flow, t, ages);
}
/** What one of the rows below shows. */
const shown = (name: string, ...of: Parameters<typeof row>) =>
  row(...of).children?.find(({ id }) => id === `job/queue/${name}`)?.description;

test('a queue in which nothing happens says so without figures of what is not there', () => {
  expect(row().description.split(' · ')).toEqual(['0 waiting →', '0 pending']);
  expect([shown('age'), shown('drain'), shown('in'), shown('out')]).toEqual([
    'none',
    'nothing waits',
    '0/s',
    '0/s',
  ]);
});

test.each([
  [0, 'list-ordered', 'history'],
  [29_999, 'list-ordered', 'history'],
  [30_000, 'warning', 'warning'],
  [59_999, 'warning', 'warning'],
  [60_000, 'error', 'error'],
  [Number.MAX_SAFE_INTEGER, 'error', 'error'],
])(
  'a record that waits for %i ms gives the queue the icon %s, and its age %s',
  (oldestAgeMs, icon, ofAge) => {
    const found = row({ waiting: 1, oldestAgeMs });
    expect(found.icon).toBe(icon);
    expect(found.children?.find(({ id }) => id.endsWith('/age'))?.icon).toBe(ofAge);
  },
);

describe('when it will be empty', () => {
  test.each<[Partial<QueueFigures>, Change, string]>([
    [{ waiting: 5 }, { drainMs: 3_000 }, 'drained in 3 s'],
    [{ pending: 5 }, { inPerSecond: 9, outPerSecond: 3 }, 'more comes than goes out'],
    [{ waiting: 5 }, { inPerSecond: undefined, outPerSecond: 0 }, 'nothing goes out'],
    [{}, { inPerSecond: undefined }, 'nothing waits'],
  ])('%j with %j: %s', (queue, flow, text) => {
    expect(shown('drain', queue, flow)).toBe(text);
    expect(row(queue, flow).description.includes(text)).toBe(text !== 'nothing waits');
  });
});

test.each([
  [0.04, '0/s'],
  [0.05, '0.1/s'],
  [9.94, '9.9/s'],
  [9.96, '10/s'],
  [10.4, '10/s'],
  [12_345, '12.3k/s'],
])('%d records a second are shown as %s', (perSecond, text) => {
  expect(shown('in', {}, { inPerSecond: perSecond })).toBe(text);
  expect(shown('out', {}, { outPerSecond: perSecond })).toBe(text);
});

test('what this Redis does not count is not shown as nothing', () => {
  expect(shown('in', {}, { inPerSecond: undefined })).toBe('not counted by this Redis');
});

test('dead letters stand out, and are named only where there are some', () => {
  expect(row().description).not.toContain('dead');
  expect(row({ dead: 2 }).description).toContain('2 dead');
  const color = (dead: number) => row({ dead }).children?.find(({ id }) => id.endsWith('/dead'))?.color;
  expect([color(0), color(1)]).toEqual([undefined, 'list.errorForeground']);
});

test.each([
  ['grows', '↑'],
  ['shrinks', '↓'],
  ['steady', '→'],
] as const)('a queue that %s has the arrow %s', (trend, arrow) => {
  expect(row({ waiting: 3 }, { trend }).description).toContain(`3 waiting ${arrow}`);
  expect(shown('waiting', { waiting: 3 }, { trend })).toBe(`3 ${arrow} ${trend}`);
});

test('the rows keep their ids while every figure changes', () => {
  const ids = (...of: Parameters<typeof row>) => {
    const { id, children = [] } = row(...of);
    return [id, ...children.map((child) => child.id)];
  };
  const busy = ids({ waiting: 9, pending: 9, dead: 9, oldestAgeMs: 99_999 }, { trend: 'grows', drainMs: 5 });
  expect(busy).toEqual(ids());
  expect(new Set(busy).size).toBe(busy.length);
});
