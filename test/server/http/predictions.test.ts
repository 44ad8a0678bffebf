import { expect, test } from 'vitest';
import { elementsText } from '../../../server/src/http/predict/numbersText.ts';
import type { Tensor } from '../../../server/src/tensor/tensor.ts';
import { predictionsBody } from '../../../server/src/http/predict/predictions.ts';

/** The three layers that the original's helper undoes. */
function values(body: string): unknown[] {
  const { predictions } = JSON.parse(body) as { predictions: string[] };
  return predictions.map((text) => (JSON.parse(text) as { value: string }).value);
}

test('a tensor is JSON in JSON in JSON', () => {
  const tensor = { type: 'float32', shape: [1, 2], data: Float32Array.of(0.1, 5) } as const;
  const [inner] = values(predictionsBody([[tensor]])) as [string];
  expect(inner).toBe('{"data":[0.1,5.0],"shape":[1,2]}');
});

test('several outputs are a list', () => {
  const tensors = [
    { type: 'float32', shape: [1], data: Float32Array.of(1) },
    { type: 'float32', shape: [2], data: Float32Array.of(2, 3) },
  ] as const;
  expect(JSON.parse(values(predictionsBody([tensors]))[0] as string)).toEqual([
    { data: [1], shape: [1] },
    { data: [2, 3], shape: [2] },
  ]);
});

test("a filter's text and NaN come through as they are, each in its place", () => {
  expect(values(predictionsBody(['[[4,5.0]]', 'NaN']))).toEqual(['[[4,5.0]]', 'NaN']);
});

test('every float32 reads back as it was, and what JSON cannot say is null', () => {
  const bits = new Uint32Array(2_000).map((_, i) => Math.imul(i + 1, 2_654_435_761));
  const shares = Float32Array.from({ length: 1_000 }, (_, i) => 1 / (i + 1.5));
  const data = Float32Array.of(...new Float32Array(bits.buffer), ...shares);
  const read = JSON.parse(`[${elementsText('float32', data)}]`) as (number | null)[];
  data.forEach((value, i) => {
    const got = read[i] ?? null;
    expect(got === null ? null : Math.fround(got)).toBe(Number.isFinite(value) ? value : null);
  });
});

test('every type comes with all its digits, and shapes are complete', () => {
  const inner = (tensor: Tensor) => values(predictionsBody([[tensor]]))[0];
  const [least, most] = [-(2n ** 63n), 2n ** 64n - 1n];
  expect(inner({ type: 'int64', shape: [1, 1], data: BigInt64Array.of(least) })).toBe(
    `{"data":[${least}],"shape":[1,1]}`,
  );
  expect(inner({ type: 'uint64', shape: [1], data: BigUint64Array.of(most) })).toBe(
    `{"data":[${most}],"shape":[1]}`,
  );
  expect(inner({ type: 'float64', shape: [], data: Float64Array.of(0.1) })).toBe('{"data":[0.1],"shape":[]}');
  expect(inner({ type: 'float16', shape: [1], data: Uint16Array.of(0x3800) })).toBe(
    '{"data":[0.5],"shape":[1]}',
  );
  expect(inner({ type: 'bool', shape: [2], data: Uint8Array.of(1, 0) })).toBe(
    '{"data":[true,false],"shape":[2]}',
  );
  expect(inner({ type: 'float32', shape: [0, 4], data: new Float32Array(0) })).toBe(
    '{"data":[],"shape":[0,4]}',
  );
});

test('strings survive the three layers of JSON', () => {
  const data = ['"', '\\', '\\"\n', 'ü\u2028', '', '\u0000'];
  const [inner] = values(predictionsBody([[{ type: 'string', shape: [6], data }]])) as [string];
  expect(JSON.parse(inner)).toEqual({ data, shape: [6] });
});
