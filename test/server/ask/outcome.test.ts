import { describe, expect, test } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import {
  lateOutcome,
  outcomeOf,
  outcomeText,
  readableOutcome,
  refusal,
} from '../../../server/src/ask/outcome.ts';
import type { Tensor } from '../../../server/src/tensor/tensor.ts';

const asked = { jobName: 'my job', seconds: 30 };
const floats = (...values: number[]): Tensor => ({
  type: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
});

describe('what became of a record', () => {
  test('is its outputs, as JSON and as a line with the highest value', () => {
    const outcome = { prediction: [floats(0.25, 8, 1)] };
    expect(readableOutcome(outcome)).toEqual({ outputs: [{ shape: [3], data: [0.25, 8, 1] }] });
    expect(outcomeText(outcome, asked)).toBe('[3] highest at 1 (8): 0.2500, 8, 1');
  });

  test('is a line however many elements an output has', () => {
    const many = { prediction: [floats(...Array.from({ length: 1000 }, (_, i) => i))] };
    expect(outcomeText(many, asked)).toBe('[1000] highest at 999 (999): 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …');
    const strings = { prediction: [{ type: 'string', shape: [2], data: ['a', 'b'] } as const] };
    expect(outcomeText(strings, asked)).toBe('[2] a, b');
  });

  test('keeps integers that a number cannot hold', () => {
    const big = {
      prediction: [{ type: 'int64', shape: [1], data: BigInt64Array.of(2n ** 53n + 1n) } as const],
    };
    expect(readableOutcome(big)).toEqual({ outputs: [{ shape: [1], data: ['9007199254740993'] }] });
    expect(outcomeText(big, asked)).toBe('[1]: 9007199254740993');
  });

  test("is a filter's list", () => {
    const outcome = outcomeOf('[[1,2.0]]', undefined);
    expect(readableOutcome(outcome)).toEqual({ filtered: [[1, 2]] });
    expect(outcomeText(outcome, asked)).toBe('[[1,2.0]]');
  });

  test('is the reason of a dead letter, with its code', () => {
    const outcome = outcomeOf('NaN', 'input-mismatch: "x" has 3 elements.');
    expect(outcome).toEqual({ error: 'input-mismatch', reason: '"x" has 3 elements.' });
    expect(outcomeText(outcome, asked)).toBe('"x" has 3 elements.');
  });

  test('is a NaN whose reason is in the log', () => {
    const outcome = outcomeOf('NaN', undefined);
    expect(outcome).toEqual({ error: 'NaN' });
    expect(outcomeText(outcome, asked)).toContain('log');
  });

  test('is no result in time, with the command that says why', () => {
    expect(outcomeOf(undefined, undefined)).toBe(lateOutcome);
    expect(outcomeText(lateOutcome, asked)).toContain('within 30 s');
    expect(outcomeText(lateOutcome, asked)).toContain("cluster-serving status 'my job'");
  });

  test('is the error of a result that cannot be read', () => {
    expect(outcomeOf('no result', undefined)).toMatchObject({ error: 'record-undecodable' });
  });

  test('is the refusal of a record, but never hides a bug', () => {
    const error = new ServingError('input-mismatch', 'It does not fit.');
    expect(refusal(error)).toEqual({ error: 'input-mismatch', reason: 'It does not fit.' });
    expect(() => refusal(new TypeError('a bug'))).toThrow('a bug');
  });
});
