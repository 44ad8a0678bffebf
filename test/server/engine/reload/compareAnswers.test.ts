import { describe, expect, test } from 'vitest';
import { ServingError } from '../../../../schemas/errors.ts';
import { compareAnswers } from '../../../../server/src/engine/reload/compareAnswers.ts';
import { createLastInputs, maxLastInputs } from '../../../../server/src/engine/reload/lastInputs.ts';
import type { ModelTensor } from '../../../../server/src/model/model.ts';
import type { FittedRecord } from '../../../../server/src/tensor/fit.ts';

const x = { name: 'x', type: 'float32', shape: [null, null] };

function record(...values: number[]): FittedRecord {
  const data = Float32Array.from(values);
  const part = { type: 'float32', shape: [1, values.length], data, isConstant: false } as const;
  return { rows: 1, strip: true, key: '', parts: [part] };
}

/** A model of one output, as a function of its numbers. */
function model(answer: (values: number[]) => Partial<ModelTensor> | number[], inputs = [x]) {
  return {
    inputs,
    run(feeds: readonly ModelTensor[]): Promise<ModelTensor[]> {
      const values = feeds.flatMap(({ data }) => [...data].map(Number));
      const given = answer(values);
      const data = Array.isArray(given) ? Float32Array.from(given) : (given.data ?? new Float32Array());
      const made = { name: 'y', type: 'float32', shape: [1, data.length], data } as const;
      return Promise.resolve([Array.isArray(given) ? made : { ...made, ...given }]);
    },
  };
}

const same = model((values) => values);

describe('the answers of two models', () => {
  test('that are equal differ by nothing', async () => {
    expect(await compareAnswers(same, same, [record(1, 2), record(3)])).toEqual({
      compared: 2,
      difference: 0,
    });
  });

  test('differ by the largest difference, by the largest number of the old answer', async () => {
    const next = model((values) => values.map((value) => (value === 2 ? 3 : value)));
    expect(await compareAnswers(same, next, [record(4, 2), record(1, 1)])).toEqual({
      compared: 2,
      difference: 0.25,
    });
  });

  test.each([
    ['of another shape', model((values) => [...values, 1])],
    ['that are no number any more', model((values) => values.map(() => NaN))],
    ['of another type', model(() => ({ type: 'int32', data: Int32Array.of(1) }))],
  ])('%s differ without limit', async (_, next) => {
    expect((await compareAnswers(same, next, [record(1)])).difference).toBe(Infinity);
  });

  test('that are infinite or no number in both are equal', async () => {
    const odd = model(() => [NaN, Infinity, 1]);
    expect((await compareAnswers(odd, odd, [record(1)])).difference).toBe(0);
  });

  test('of whole numbers and of texts are compared, too', async () => {
    const whole = (value: bigint) => model(() => ({ type: 'int64', data: BigInt64Array.of(value) }));
    expect((await compareAnswers(whole(10n), whole(9n), [record(1)])).difference).toBeCloseTo(0.1);
    const words = (word: string) => model(() => ({ type: 'string', data: [word] }));
    expect((await compareAnswers(words('a'), words('a'), [record(1)])).difference).toBe(0);
    expect((await compareAnswers(words('a'), words('b'), [record(1)])).difference).toBe(1);
  });

  test('of half precision are compared as numbers, not as bits', async () => {
    const half = (bits: number) => model(() => ({ type: 'float16', data: Uint16Array.of(bits) }));
    // 1 and 1.5.
    expect((await compareAnswers(half(0x3c00), half(0x3e00), [record(1)])).difference).toBeCloseTo(0.5);
  });
});

test('an input that the old model does not answer says nothing of the new one', async () => {
  const failing = { ...same, run: () => Promise.reject(new ServingError('model-run-failed', 'no')) };
  expect(await compareAnswers(failing, failing, [record(1)])).toEqual({ compared: 0, difference: 0 });
});

test('one that only the new model does not answer is a failure', async () => {
  const next = { ...same, run: () => Promise.reject(new ServingError('model-run-failed', 'no 1')) };
  const found = await compareAnswers(same, next, [record(1)]);
  expect(found).toEqual({ compared: 0, difference: 0, failure: 'no 1' });
});

test('inputs go by their names, in the order of each model', async () => {
  const named = (name: string) => ({ ...x, name });
  const part = (value: number) => ({
    type: 'float32' as const,
    shape: [1, 1],
    data: Float32Array.of(value),
    isConstant: false,
  });
  const both: FittedRecord = { rows: 1, strip: true, key: '', parts: [part(1), part(2)] };
  const ab = model((values) => values, [named('a'), named('b')]);
  const ba = model((values) => values.toReversed(), [named('b'), named('a')]);
  expect((await compareAnswers(ab, ba, [both])).difference).toBe(0);
});

test('a record can be compared again: no model takes its memory', async () => {
  const taking = {
    ...same,
    run: (feeds: readonly ModelTensor[]) => {
      for (const { data } of feeds) (data as Float32Array).fill(7);
      return same.run(feeds);
    },
  };
  const one = record(1, 2);
  await compareAnswers(taking, taking, [one]);
  expect([...(one.parts[0]?.data as Float32Array)]).toEqual([1, 2]);
});

describe('the last inputs', () => {
  test('are kept at intervals, as copies, up to a number', () => {
    const last = createLastInputs();
    const first = record(0);
    last.see([first, record(9)], 0);
    last.see([record(1)], 10);
    expect(last.all).toHaveLength(1);
    (first.parts[0]?.data as Float32Array)[0] = 5;
    expect([...(last.all[0]?.parts[0]?.data as Float32Array)]).toEqual([0]);
    for (let i = 1; i <= 2 * maxLastInputs; i++) last.see([record(i)], i * 1_000);
    expect(last.all).toHaveLength(maxLastInputs);
    expect([...(last.all.at(-1)?.parts[0]?.data as Float32Array)]).toEqual([2 * maxLastInputs]);
  });

  test('leave out what is large', () => {
    const last = createLastInputs();
    const [part] = record(0).parts;
    const large = { ...record(0), parts: [{ ...part, data: new Float32Array(1024 * 1024 + 1) }] };
    last.see([large as FittedRecord], 0);
    expect(last.all).toEqual([]);
    last.see([record(1)], 1);
    expect(last.all).toHaveLength(1);
  });
});
