import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyFilter, floatText } from '../../../server/src/codec/applyFilter.ts';
import { codeOf } from './wire.ts';
import { runs } from '../../support/runs.ts';

function top(n: number, ...values: number[]): string {
  return applyFilter({ kind: 'topN', n }, { shape: [values.length], data: Float32Array.from(values) });
}

function pick(n: number, shape: number[]): string {
  const count = shape.reduce((a, b) => a * b, 1);
  return applyFilter(
    { kind: 'pickTopN', n },
    { shape, data: Float32Array.from({ length: count }, (_, i) => i) },
  );
}

describe('topN', () => {
  it('lists the largest first with their indices, in the digits of the original', () => {
    expect(top(3, 0.3257521, 0, 0.1, 0.29001343, 0.34545773)).toBe(
      '[[4,0.34545773],[0,0.3257521],[3,0.29001343]]',
    );
    expect(top(2, 1, 2, 3, 4, 5)).toBe('[[4,5.0],[3,4.0]]');
  });

  it('puts equal values in the order of their indices, also where they are cut', () => {
    expect(top(3, 1, 2, 1, 2, 1)).toBe('[[1,2.0],[3,2.0],[0,1.0]]');
  });

  it('gives all when asked for more, and none of nothing', () => {
    expect(top(9, 1, 2)).toBe('[[1,2.0],[0,1.0]]');
    expect(top(3)).toBe('[]');
  });

  it('ranks NaN last and writes it as null, as it does infinities', () => {
    expect(top(9, NaN, 1, -Infinity, Infinity)).toBe('[[3,null],[1,1.0],[2,null],[0,null]]');
    expect(top(1, NaN, -1)).toBe('[[1,-1.0]]');
  });

  it('agrees with sorting everything', () => {
    const values = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 40 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 50 }), (data, n) => {
        const sorted = data
          .map((value, i) => [i, value])
          .sort(([i = 0, a = 0], [j = 0, b = 0]) => b - a || i - j);
        expect(JSON.parse(top(n, ...data))).toEqual(sorted.slice(0, n));
      }),
      runs(),
    );
  });
});

describe('pickTopN', () => {
  it('lists the first rows of a matrix', () => {
    expect(pick(2, [3, 2])).toBe('[[0.0,1.0],[2.0,3.0]]');
    expect(pick(1, [1, 2, 2])).toBe('[[0.0,1.0]]');
    expect(pick(9, [2, 1])).toBe('[[0.0],[1.0]]');
  });

  it('refuses outputs that are no matrix', () => {
    for (const shape of [[4], [2, 2, 1], []]) expect(codeOf(() => pick(1, shape))).toBe('not-supported');
  });
});

describe('floatText', () => {
  it('reads back as the same float32, in the fewest digits', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = floatText(value);
        expect(Object.is(Math.fround(JSON.parse(text) as number), value)).toBe(true);
        expect(text).toMatch(/[.e]/);
        const digits = text
          .replace(/e.*/, '')
          .replace(/\D/g, '')
          .replace(/^0+|0+$/g, '').length;
        expect(
          digits === 0 || digits === 1 || Math.fround(Number(value.toPrecision(digits - 1))) !== value,
        ).toBe(true);
      }),
      runs(2000),
    );
  });
});
