import { expect, test } from 'vitest';
import { lossyOutputs } from '../../../server/src/tensor/lossyOutputs.ts';

test.each(['float32', 'float16', 'bool', 'int8', 'uint8', 'int16', 'uint16'])(
  'an output of %s reaches every client exactly',
  (type) => {
    expect(lossyOutputs([{ name: 'y', type, shape: [null] }])).toEqual([]);
  },
);

test.each(['int32', 'uint32', 'int64', 'uint64', 'float64'])('an output of %s may lose digits', (type) => {
  expect(lossyOutputs([{ name: 'y', type, shape: [null] }])).toEqual([
    expect.stringMatching(new RegExp(`^output "y" is ${type}: .* may lose digits`)),
  ]);
});

test('each output is named, and those that lose nothing are not', () => {
  const outputs = [
    { name: 'label', type: 'string', shape: [null] },
    { name: 'scores', type: 'float32', shape: [null, 3] },
    { name: 'count', type: 'int64', shape: [] },
  ];
  expect(lossyOutputs(outputs).map((line) => /"(.*?)"/.exec(line)?.[1])).toEqual(['label', 'count']);
});
