import { describe, expect, test } from 'vitest';
import { parseInferRequest } from '../../../../server/src/http/v2/inferRequest.ts';
import { inferResponse } from '../../../../server/src/http/v2/inferResponse.ts';
import { bytesOf, datatypeOf, type NumericArray } from '../../../../server/src/tensor/elementTypes.ts';
import type { Tensor } from '../../../../server/src/tensor/tensor.ts';

const by = { modelName: 'm', modelVersion: '1', outputs: [] };
const ask = (more: object = {}) =>
  parseInferRequest(
    Buffer.from(
      JSON.stringify({ inputs: [{ name: 'x', shape: [1], datatype: 'FP32', data: [1] }], ...more }),
    ),
    undefined,
  );

/** Every datatype at its limits, and how JSON writes it. */
const tensors: [Tensor, string][] = [
  [
    { type: 'int64', shape: [2], data: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n) },
    '-9223372036854775808,9223372036854775807',
  ],
  [{ type: 'uint64', shape: [1, 1], data: BigUint64Array.of(2n ** 64n - 1n) }, '18446744073709551615'],
  [{ type: 'float64', shape: [1], data: Float64Array.of(0.1) }, '0.1'],
  [{ type: 'bool', shape: [2], data: Uint8Array.of(1, 0) }, 'true,false'],
  [{ type: 'float16', shape: [1], data: Uint16Array.of(0x3800) }, '0.5'],
  [{ type: 'int8', shape: [1], data: Int8Array.of(-128) }, '-128'],
  [{ type: 'uint32', shape: [1], data: Uint32Array.of(2 ** 32 - 1) }, '4294967295'],
  [{ type: 'float32', shape: [0, 4], data: new Float32Array(0) }, ''],
  [{ type: 'string', shape: [2], data: ['"\\\n', 'ü'] }, '"\\"\\\\\\n","ü"'],
];

describe.each(tensors)('%#', (tensor, text) => {
  const datatype = datatypeOf(tensor.type);

  test('is written and read in JSON exactly', () => {
    const { body } = inferResponse([{ ...tensor, name: 'y' }], ask({ outputs: null, parameters: null }), by);
    expect(body).toContain(`"datatype":"${datatype}","shape":[${tensor.shape.join()}],"data":[${text}]`);
    const request = `{"inputs":[{"name":"__proto__","shape":[${tensor.shape.join()}],"datatype":"${datatype}","data":[${text}],"parameters":{"binary_data_size":null}}]}`;
    expect(parseInferRequest(Buffer.from(request), undefined).inputs.get('__proto__')).toMatchObject(tensor);
  });

  test('is written and read in binary exactly', () => {
    const wanted = ask({ parameters: { binary_data_output: true } });
    const { body, headerLength = 0 } = inferResponse([{ ...tensor, name: 'y' }], wanted, by);
    const bytes = (body as Buffer).subarray(headerLength);
    if (tensor.type !== 'string') expect(bytes.equals(bytesOf(tensor.data as NumericArray))).toBe(true);
    const parameters = { binary_data_size: bytes.length };
    const header = JSON.stringify({ inputs: [{ name: 'x', shape: tensor.shape, datatype, parameters }] });
    const request = Buffer.concat([Buffer.from(header), bytes]);
    expect(parseInferRequest(request, header.length).inputs.get('x')).toMatchObject(tensor);
  });
});

test.each([
  ['BOOL', '2'],
  ['BOOL', '0.5'],
  ['FP16', '65520'],
  ['FP32', '1e39'],
  ['FP64', 'NaN'],
  ['FP64', '1e400'],
  ['INT64', '9223372036854775808'],
  ['UINT64', '18446744073709551616'],
  ['UINT64', '-1'],
  ['INT8', '128'],
])('%s %s in JSON is refused', (datatype, text) => {
  const request = `{"inputs":[{"name":"x","shape":[1],"datatype":"${datatype}","data":[${text}]}]}`;
  expect(() => parseInferRequest(Buffer.from(request), undefined)).toThrow(
    expect.objectContaining({ code: 'record-undecodable' }) as Error,
  );
});

test('a classification has the highest scores with their places and labels', () => {
  const request = ask({ outputs: [{ name: 'y', parameters: { classification: 2 } }] });
  const scores: Tensor = { type: 'float32', shape: [2, 3], data: Float32Array.of(0.5, 2, 1, 3, 0, 0.25) };
  const { body } = inferResponse([{ ...scores, name: 'y' }], request, {
    ...by,
    labels: { y: ['cat', 'dog'] },
  });
  expect((JSON.parse(body as string) as { outputs: unknown }).outputs).toEqual([
    { name: 'y', datatype: 'BYTES', shape: [2, 2], data: ['2.0:1:dog', '1.0:2', '3.0:0:cat', '0.25:2'] },
  ]);
});
