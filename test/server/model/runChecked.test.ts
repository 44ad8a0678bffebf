import { expect, test } from 'vitest';
import { compareRuns } from '../../../server/src/model/compareRuns.ts';
import type { ModelTensor } from '../../../server/src/model/model.ts';
import { runChecked, type RunRecords } from '../../../server/src/model/runChecked.ts';

const tensor = (
  data: ModelTensor['data'],
  type: ModelTensor['type'] = 'float32',
  width = 1,
): ModelTensor => ({
  name: 'y',
  type,
  shape: [data.length / width, width],
  data,
});
const floats = (...values: number[]) => tensor(Float32Array.from(values));
const alone = (...outputs: ModelTensor[]) => ({ rows: 1, outputs });

test('rows are measured by their own size: small ones beside large ones, too', () => {
  const together = [floats(1000, 0.001)];
  expect(compareRuns(together, [alone(floats(1000.1)), alone(floats(0.001))])).toEqual([]);
  expect(compareRuns(together, [alone(floats(1000)), alone(floats(0.0011))])).toMatchObject([
    { record: 1, output: 'y' },
  ]);
});

test.each<[string, ModelTensor, ModelTensor, boolean]>([
  ['float noise', floats(1.00001), floats(1), true],
  ['NaN in both', floats(NaN), floats(NaN), true],
  ['NaN in one', floats(NaN), floats(1), false],
  ['infinity in both', floats(-Infinity), floats(-Infinity), true],
  ['infinity in one', floats(Infinity), floats(3e38), false],
  ['nothing beside almost nothing', floats(0), floats(1e-30), false],
  ['nothing in both, with signs', floats(-0), floats(0), true],
  [
    'whole numbers',
    tensor(BigInt64Array.of(2n ** 60n + 1n), 'int64'),
    tensor(BigInt64Array.of(2n ** 60n), 'int64'),
    false,
  ],
  ['equal whole numbers', tensor(Int32Array.of(7), 'int32'), tensor(Int32Array.of(7), 'int32'), true],
  ['texts', tensor(['a'], 'string'), tensor(['b'], 'string'), false],
  [
    'halves that are a bit apart',
    tensor(Uint16Array.of(0x3c01), 'float16'),
    tensor(Uint16Array.of(0x3c00), 'float16'),
    true,
  ],
  [
    'halves that are far apart',
    tensor(Uint16Array.of(0x4000), 'float16'),
    tensor(Uint16Array.of(0x3c00), 'float16'),
    false,
  ],
  ['rows of another length', tensor(Float32Array.of(1, 2), 'float32', 2), floats(1), false],
])('%s', (_, together, single, isSame) => {
  expect(compareRuns([together], [alone(single)]).length === 0).toBe(isSame);
});

const check = (run: RunRecords<number>, checked = [0, 1, 2]) => runChecked([1, 2, 3], () => 1, checked, run);

test('answers that are the same in company and alone are no trouble', async () => {
  expect(await check((records) => Promise.resolve([floats(...records)]))).toEqual({
    together: [floats(1, 2, 3)],
    compared: 3,
    slight: 0,
  });
});

test('a difference that neighbours make is trouble', async () => {
  const run: RunRecords<number> = (records) =>
    Promise.resolve([floats(...records.map((x) => x / Math.max(...records)))]);
  expect((await check(run)).trouble).toContain('"y"');
});

test('a difference that the kernels of a larger run make is slight', async () => {
  const run: RunRecords<number> = (records) =>
    Promise.resolve([floats(...records.map((x) => (records.length > 1 && x === 2 ? 2.1 : x)))]);
  const checked = await check(run);
  expect(checked).toMatchObject({ compared: 3, slight: 1 });
  expect(checked.trouble).toBeUndefined();
});

test('a record that the model refuses proves nothing, and the run of all fails with it', async () => {
  const run: RunRecords<number> = (records) =>
    records.includes(2) ? Promise.reject(new Error('two')) : Promise.resolve([floats(...records)]);
  await expect(check(run)).rejects.toThrow('two');
});

test('a run of all that fails where each record by itself does not is trouble', async () => {
  const run: RunRecords<number> = (records) =>
    records.length > 1 ? Promise.reject(new Error('one at a time')) : Promise.resolve([floats(...records)]);
  expect((await check(run)).trouble).toContain('one at a time');
});

test('an output that has not as many rows is trouble', async () => {
  expect((await check(() => Promise.resolve([floats(1)]))).trouble).toContain('shape');
});

test('records of several rows are compared with their own rows', async () => {
  const rows = (count: number) => Array.from({ length: count }, (_, i) => 10 * count + i);
  const run: RunRecords<number> = (records) => Promise.resolve([floats(...records.flatMap(rows))]);
  const checked = await runChecked([1, 2, 3], (count) => count, [1, 2], run);
  expect(checked).toMatchObject({ compared: 2, slight: 0 });
  expect(checked.trouble).toBeUndefined();
});
