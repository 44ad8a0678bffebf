import { expect, test } from 'vitest';
import { parseInferRequest } from '../../../../server/src/http/v2/inferRequest.ts';

const json = (...inputs: object[]) => Buffer.from(JSON.stringify({ inputs }));

test.each([
  ['a flat list', [1, 2, 3, 4]],
  [
    'nested lists',
    [
      [1, 2],
      [3, 4],
    ],
  ],
])('%s is a tensor', (_what, data) => {
  const { inputs } = parseInferRequest(
    json({ name: 'x', shape: [2, 2], datatype: 'INT64', data }),
    undefined,
  );
  expect(inputs.get('x')).toEqual({
    kind: 'dense',
    type: 'int64',
    shape: [2, 2],
    data: BigInt64Array.of(1n, 2n, 3n, 4n),
    isWhole: true,
  });
});

test.each<[string, number[], unknown[]]>([
  ['INT64', [5, 0, 0, 0, 0, 0, 0, 0], [5n]],
  ['UINT8', [5, 255], [5, 255]],
  ['INT16', [255, 255], [-1]],
  ['FP16', [0, 0x3c], [0x3c00]],
  ['BOOL', [1, 0], [1, 0]],
])('binary %s is read', (datatype, bytes, wanted) => {
  const input = {
    name: 'x',
    shape: [wanted.length],
    datatype,
    parameters: { binary_data_size: bytes.length },
  };
  const header = json(input);
  const { inputs } = parseInferRequest(Buffer.concat([header, Buffer.from(bytes)]), header.length);
  expect([...(inputs.get('x')?.data ?? [])]).toEqual(wanted);
});

test('texts are read from their lengths', () => {
  const header = json({ name: 'x', shape: [2], datatype: 'BYTES', parameters: { binary_data_size: 11 } });
  const { inputs } = parseInferRequest(
    Buffer.concat([header, Buffer.from('\x02\0\0\0ab\x01\0\0\0c', 'latin1')]),
    header.length,
  );
  expect(inputs.get('x')?.data).toEqual(['ab', 'c']);
});

test.each([
  ['no inputs', '{}'],
  ['a shape that does not fit', '{"inputs":[{"name":"x","shape":[3],"datatype":"FP32","data":[1]}]}'],
  ['an unknown datatype', '{"inputs":[{"name":"x","shape":[1],"datatype":"constructor","data":[1]}]}'],
  ['a huge shape', '{"inputs":[{"name":"x","shape":[1e9,1e9],"datatype":"FP32","data":[1]}]}'],
  ['a number out of range', '{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1e39]}]}'],
  [
    'an integer that may have lost digits',
    '{"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[1.5e18]}]}',
  ],
  [
    'binary data that is not there',
    '{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","parameters":{"binary_data_size":4}}]}',
  ],
  [
    'a name twice',
    '{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]},{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]}',
  ],
])('%s is refused', (_what, text) => {
  expect(() => parseInferRequest(Buffer.from(text), undefined)).toThrow(
    expect.objectContaining({ code: 'record-undecodable' }) as Error,
  );
});

test('a header longer than the body is refused', () => {
  expect(() => parseInferRequest(Buffer.from('{}'), 5)).toThrow();
});
