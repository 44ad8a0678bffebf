import { describe, expect, test } from 'vitest';
import { predictionsBody } from '../../../server/src/http/predict/predictions.ts';
import { readableOutcome } from '../../../server/src/ask/outcome.ts';
import { readAnswer, readLine } from '../../../web/try/outcome.ts';

const floats = (shape: number[], ...data: number[]) =>
  ({ type: 'float32', shape, data: Float32Array.from(data) }) as const;

describe('an answer over HTTP', () => {
  test('gives its tensors the names of the outputs', () => {
    const text = predictionsBody([[floats([1, 2], 0.5, 2), floats([1], 7)]]);
    expect(readAnswer(200, text, ['scores', 'count'])).toEqual([
      {
        outputs: [
          { name: 'scores', shape: [1, 2], data: [0.5, 2] },
          { name: 'count', shape: [1], data: [7] },
        ],
      },
    ]);
  });

  test('has an outcome for each record', () => {
    const text = predictionsBody([[floats([1], 1)], [floats([1], 2)]]);
    expect(readAnswer(200, text, []).map((one) => 'outputs' in one && one.outputs[0]?.data)).toEqual([
      [1],
      [2],
    ]);
  });

  test('keeps what is no number apart from 0', () => {
    const text = predictionsBody([[floats([3], NaN, Infinity, 0)]]);
    expect(readAnswer(200, text, ['x'])).toEqual([
      { outputs: [{ name: 'x', shape: [3], data: [null, null, 0] }] },
    ]);
  });

  test('holds strings as they are, whatever is in them', () => {
    const data = ['a"b\\', '<b>', '字'];
    const text = predictionsBody([[{ type: 'string', shape: [3], data }]]);
    expect(readAnswer(200, text, ['s'])).toEqual([{ outputs: [{ name: 's', shape: [3], data }] }]);
  });

  test('of a filter is what the filter wrote', () => {
    const text = predictionsBody(['[[9,0.7,"nine"],[1,0.2,"one"]]']);
    expect(readAnswer(200, text, [])).toEqual([
      {
        filtered: [
          [9, 0.7, 'nine'],
          [1, 0.2, 'one'],
        ],
      },
    ]);
  });

  test('that is a refusal carries its reason and its code', () => {
    const body = JSON.stringify({ error: 'x is missing', code: 'input-mismatch' });
    expect(readAnswer(400, body, [])).toEqual([{ error: 'x is missing', code: 'input-mismatch' }]);
    expect(readAnswer(502, '<html>Bad Gateway</html>', [])).toEqual([
      { error: '<html>Bad Gateway</html>', code: '502' },
    ]);
    expect(readAnswer(504, '', [])).toEqual([{ error: 'The server answers 504.', code: '504' }]);
  });

  test.each([
    '',
    '{}',
    '[]',
    '{"predictions": 3}',
    '{"predictions": [3]}',
    '{"predictions": ["{}"]}',
    '{"predictions": ["NaN"]}',
  ])('that is none is an error, never a prediction: %s', (text) => {
    const [outcome] = readAnswer(200, text, []);
    expect(outcome).toHaveProperty('error');
  });
});

describe('a line of the command line', () => {
  test('is read as it is printed', () => {
    const line = readableOutcome({ prediction: [floats([1, 2], 1, 2)] });
    expect(readLine({ name: 'a.png', ...line }, ['p'])).toEqual({
      outputs: [{ name: 'p', shape: [1, 2], data: [1, 2] }],
    });
    expect(readLine(readableOutcome({ prediction: '[[1,2]]' }), [])).toEqual({ filtered: [[1, 2]] });
  });

  test('that failed has its reason', () => {
    expect(readLine({ error: 'input-mismatch', reason: 'x is missing' }, [])).toEqual({
      error: 'x is missing',
      code: 'input-mismatch',
    });
    expect(readLine({ error: 'no result in time' }, [])).toEqual({ error: 'no result in time' });
    expect(readLine({ name: 'a' }, [])).toHaveProperty('error');
  });
});
