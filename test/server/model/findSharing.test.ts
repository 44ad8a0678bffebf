import { expect, test } from 'vitest';
import { findSharing, type SharingQuestion } from '../../../server/src/model/findSharing.ts';
import type { Model, ModelTensor } from '../../../server/src/model/model.ts';

const input = { name: 'x', type: 'float32', shape: [null, 4] };
const output = { name: 'y', type: 'float32', shape: [null, 4] };
const unknown = { kind: 'unknown', reason: 'an unknown operator: what it does is not known' } as const;

/** Answers `[rows, 4]`, made of the rows by a function of all of them. */
function model(
  answer: (rows: readonly (readonly number[])[]) => readonly (readonly number[])[],
): Model['run'] {
  return ([x]) => {
    const data = (x as ModelTensor).data as Float32Array;
    const rows = Array.from({ length: x?.shape[0] ?? 0 }, (_, i) => [...data.subarray(4 * i, 4 * i + 4)]);
    const answers = answer(rows);
    return Promise.resolve([
      { name: 'y', type: 'float32', shape: [answers.length, 4], data: Float32Array.from(answers.flat()) },
    ]);
  };
}

const echo = model((rows) => rows);
const find = (run: Model['run'], more: Partial<SharingQuestion> = {}) =>
  findSharing({ inputs: [input], outputs: [output], run, batching: 'auto', verdict: unknown, ...more });

test('samples decide where the graph does not', async () => {
  expect(await find(echo)).toMatchObject({ shared: true, proof: 'samples' });
});

const largest = (rows: readonly (readonly number[])[]) => Math.max(...rows.flat().map(Math.abs));

test.each<[string, Model['run']]>([
  ['turns its rows around', model((rows) => [...rows].reverse())],
  ['answers one row for all', model((rows) => rows.slice(0, 1))],
  ['numbers its rows', model((rows) => rows.map((row, i) => row.map(() => i)))],
  ['divides by their number', model((rows) => rows.map((row) => row.map((value) => value / rows.length)))],
  [
    'rounds by the largest of all',
    model((rows) =>
      rows.map((row) => row.map((value) => Math.round((value / largest(rows)) * 127) * largest(rows))),
    ),
  ],
  [
    'adds a little of all',
    model((rows) => rows.map((row) => row.map((value) => value + 0.01 * largest(rows)))),
  ],
  [
    'looks at the row before',
    model((rows) => rows.map((row, i) => (rows[i - 1] ?? row).map((value, at) => value + (row[at] ?? 0)))),
  ],
  ['sorts its rows', model((rows) => [...rows].sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0)))],
  [
    'removes rows that are there twice',
    model((rows) => [...new Map(rows.map((row) => [row.join(), row])).values()]),
  ],
  ['is by chance', model((rows) => rows.map((row) => row.map(() => Math.random())))],
  ['fails on every sample', () => Promise.reject(new Error('no'))],
  [
    'fails on more rows than one',
    (feeds) => (feeds[0]?.shape[0] === 1 ? echo(feeds) : Promise.reject(new Error('no'))),
  ],
])('a model that %s is run record by record', async (_, run) => {
  expect(await find(run)).toMatchObject({
    shared: false,
    reason: expect.stringContaining(unknown.reason) as string,
  });
});

test('a proof is looked over: a difference speaks against it', async () => {
  const verdict = { kind: 'proved' } as const;
  expect(await find(echo, { verdict })).toMatchObject({ shared: true, proof: 'graph' });
  const run = model((rows) => [...rows].reverse());
  expect(await find(run, { verdict })).toMatchObject({
    shared: false,
    reason: expect.stringContaining('"y"') as string,
  });
});

test('a proof stands where the model takes no sample', async () => {
  const run = () => Promise.reject(new Error('no'));
  expect(await find(run, { verdict: { kind: 'proved' } })).toMatchObject({ shared: true, proof: 'graph' });
});

test('what the graph refutes is not tried, and is warmed all the same', async () => {
  let runs = 0;
  const run: Model['run'] = (feeds) => {
    runs += 1;
    return echo(feeds);
  };
  const verdict = { kind: 'refuted', reason: 'Unique: it removes values' } as const;
  expect(await find(run, { verdict })).toEqual({ shared: false, reason: verdict.reason, proof: 'graph' });
  expect(runs).toBe(1);
});

test('the config has the last word', async () => {
  const verdict = { kind: 'refuted', reason: 'Unique' } as const;
  expect(await find(echo, { verdict, batching: 'on' })).toMatchObject({ shared: true, proof: 'word' });
  expect(await find(echo, { batching: 'off' })).toMatchObject({ shared: false, proof: 'word' });
  const inputs = [{ ...input, shape: [1, 4] }];
  expect(await find(echo, { inputs, batching: 'on' })).toMatchObject({ shared: false, proof: 'word' });
});

test.each<[string, Partial<SharingQuestion>]>([
  ['a fixed first dimension of an input', { inputs: [{ ...input, shape: [1, 4] }] }],
  ['a fixed first dimension of an output', { outputs: [{ ...output, shape: [1, 4] }] }],
  ['an output without dimensions', { outputs: [{ ...output, shape: [] }] }],
])('%s rules sharing out', async (_, more) => {
  expect(await find(echo, more)).toMatchObject({ shared: false });
});

test('ids are tried as large as the model takes them, open sizes as it takes them', async () => {
  const seen: { shape: readonly number[]; largest: number }[] = [];
  const run: Model['run'] = ([x]) => {
    const { shape, data } = x as ModelTensor;
    const ids = [...(data as BigInt64Array)].map(Number);
    if (Math.max(...ids) >= 50 || (shape[1] ?? 0) < 7) return Promise.reject(new Error('out of range'));
    seen.push({ shape, largest: Math.max(...ids) });
    return Promise.resolve([
      { name: 'y', type: 'float32', shape: [shape[0] ?? 0], data: new Float32Array(shape[0] ?? 0) },
    ]);
  };
  const inputs = [{ name: 'x', type: 'int64', shape: [null, null] }];
  expect(await find(run, { inputs, outputs: [{ ...output, shape: [null] }] })).toMatchObject({
    shared: true,
  });
  expect(Math.max(...seen.map((each) => each.largest))).toBe(9);
  expect(new Set(seen.map(({ shape }) => shape[1])).size).toBe(3);
});
