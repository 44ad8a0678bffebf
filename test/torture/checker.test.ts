import { describe, expect, test } from 'vitest';
import { check } from './checker.ts';
import { createGenerator, judge, judgeHttp, type Question } from './generator.ts';
import type { History, RecordHistory } from './history.ts';
import { loadMlp } from './mlp.ts';
import { createRandom } from './random.ts';
import { encodeTypedFailure, encodeTypedResult } from '../../server/src/codec/typedForm.ts';
import { encodeResult } from '../../server/src/codec/encodeResult.ts';

const right = { at: 2, verdict: 'right' } as const;

function record(more: Partial<RecordHistory> = {}): RecordHistory {
  return { uri: 'a', form: 'arrow', sentAt: 1, accepted: 'yes', answers: [right], ...more };
}

function history(records: readonly RecordHistory[], more: Partial<History> = {}): History {
  return {
    records: new Map(records.map((one) => [one.uri, one])),
    lossAt: undefined,
    leftResults: [],
    foreign: [],
    crashes: [],
    ...more,
  };
}

const faultsIn = (made: History) => check(made).map(({ fault, about }) => [fault, about]);

describe('the checker finds nothing in a history', () => {
  test.each([
    ['in which every record was answered once', history([record(), record({ uri: 'b' })])],
    ['of a record that was refused', history([record({ accepted: 'no', answers: [] })])],
    ['of one that may have arrived and was answered', history([record({ accepted: 'unknown' })])],
    ['of one that may not have arrived', history([record({ accepted: 'unknown', answers: [] })])],
    ['of one that was sent before the data went', history([record({ answers: [] })], { lossAt: 1 })],
    ['whose foreign data is there', history([], { foreign: [{ what: 'k', expected: 'v', found: 'v' }] })],
    // Redis was away when it was to be read.
    [
      'of a result that could not be read',
      history([record({ accepted: 'unknown', answers: [] })], { leftResults: ['a'] }),
    ],
  ])('%s', (_, made) => {
    expect(faultsIn(made)).toEqual([]);
  });
});

describe('the checker finds', () => {
  test.each([
    ['a lost record', history([record({ answers: [] })]), 'lost', 'a'],
    ['one lost after the data had gone', history([record({ answers: [] })], { lossAt: 0.5 }), 'lost', 'a'],
    [
      'a request that never ended',
      history([record({ form: 'http', accepted: 'pending', answers: [] })]),
      'lost',
      'a',
    ],
    ['a wrong answer', history([record({ answers: [{ at: 2, verdict: { wrong: '1' } }] })]), 'wrong', 'a'],
    [
      'a wrong answer though the data went',
      history([record({ answers: [{ at: 2, verdict: { wrong: '1' } }] })], { lossAt: 5 }),
      'wrong',
      'a',
    ],
    [
      'an innocent that was given up',
      history([record({ answers: [{ at: 2, verdict: 'givenUp' }] })]),
      'givenUp',
      'a',
    ],
    ['a second answer', history([record({ answers: [right, right] })]), 'doubled', 'a'],
    ['an answer that came after it was read', history([record()], { leftResults: ['a'] }), 'doubled', 'a'],
    ['an answer that was not asked for', history([record()], { leftResults: ['z'] }), 'phantom', 'z'],
    ['an answer to what was refused', history([record({ accepted: 'no' })]), 'phantom', 'a'],
    [
      'foreign data that is gone',
      history([], { foreign: [{ what: 'k', expected: 'v', found: 'nil' }] }),
      'foreignDeleted',
      'k',
    ],
    ['a process that ended', history([], { crashes: ['worker 3'] }), 'crashed', 'worker 3'],
  ])('%s', (_, made, fault, about) => {
    expect(faultsIn(made)).toEqual([[fault, about]]);
  });
});

describe('an answer is judged', () => {
  const mlp = loadMlp();
  const generator = createGenerator(createRandom(1), mlp);
  const question = (wanted: (one: Question) => boolean) => {
    for (;;) {
      const one = generator.forQueue();
      if (wanted(one)) return one;
    }
  };
  const good = question(({ expected }) => expected?.shape.length === 2);
  const broken = question(({ expected }) => !expected);
  const { data, shape } = good.expected ?? expect.fail('it has an answer');
  const tensor = (values: readonly number[], size = shape) => ({
    type: 'float32' as const,
    shape: size,
    data: Float32Array.from(values),
  });
  const forms: [string, (values: readonly number[], size?: readonly number[]) => Buffer][] = [
    ['original', (values, size) => Buffer.from(encodeResult([tensor(values, size)]))],
    ['typed', (values, size) => encodeTypedResult([tensor(values, size)], ['y'])],
  ];

  test.each(forms)('right, or wrong by its numbers or its shape, in the %s form', (_, encode) => {
    expect(judge(good, encode(data))).toBe('right');
    expect(judge(good, encode(data.map((value, i) => (i === 3 ? value + 0.01 : value))))).toMatchObject({
      wrong: expect.stringContaining('at 3') as string,
    });
    expect(judge(good, encode(data, [data.length]))).toMatchObject({
      wrong: expect.stringContaining('shape') as string,
    });
    expect(judge(broken, encode(data))).toHaveProperty('wrong');
  });

  test.each([
    ['NaN', Buffer.from('NaN')],
    ['a typed failure', encodeTypedFailure('model-run-failed', 'x')],
  ])('given up with %s, which is right for what is no record', (_, value) => {
    expect([judge(good, value), judge(broken, value)]).toEqual(['givenUp', 'right']);
  });

  test('wrong where it cannot be read', () => {
    expect(judge(good, Buffer.from('garbage'))).toHaveProperty('wrong');
    expect(judgeHttp(good, '{}')).toHaveProperty('wrong');
  });

  test('over HTTP by the same numbers', () => {
    const body = (values: readonly number[]) =>
      JSON.stringify({
        predictions: [JSON.stringify({ value: JSON.stringify({ data: values, shape }) })],
      });
    expect(judgeHttp(good, body(data))).toBe('right');
    expect(judgeHttp(good, body(data.map((value) => -value)))).toHaveProperty('wrong');
    expect(judgeHttp(good, JSON.stringify({ predictions: ['{"value":"NaN"}'] }))).toBe('givenUp');
  });
});

describe('a seed', () => {
  const draw = (seed: number) => {
    const generator = createGenerator(createRandom(seed), () => [0]);
    return Array.from({ length: 200 }, () => generator.forQueue());
  };
  test('gives the same records again, and another gives others', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });
  test('brings every form, and some that cannot be decoded', () => {
    const drawn = draw(7);
    expect(new Set(drawn.map(({ form }) => form)).size).toBe(4);
    const broken = drawn.filter(({ expected }) => !expected).length;
    expect(broken).toBeGreaterThan(0);
    expect(broken).toBeLessThan(20);
  });
});
