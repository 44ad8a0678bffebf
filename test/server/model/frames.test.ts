import { expect, test } from 'vitest';
import type { ModelTensor } from '../../../server/src/model/model.ts';
import { createFrameReader, encodeFrame, type Frame } from '../../../server/src/model/python/frames.ts';

const tensors: readonly ModelTensor[] = [
  { name: 'a', type: 'float32', shape: [2], data: Float32Array.of(1.5, -0) },
  { name: 'b', type: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) },
  { name: 'c', type: 'int64', shape: [], data: BigInt64Array.of(2n ** 62n) },
  { name: 'd', type: 'string', shape: [2], data: ['', 'ä\n'] },
  { name: 'e', type: 'float64', shape: [0, 3], data: new Float64Array(0) },
];

test('frames come out as they went in, however they are cut up', () => {
  const bytes = Buffer.concat([...encodeFrame({ id: 1 }, tensors), ...encodeFrame({ id: 2 })]);
  for (const size of [1, 3, 7, bytes.length]) {
    const frames: Frame[] = [];
    const read = createFrameReader((frame) => frames.push(frame));
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
    expect(frames).toEqual([
      { header: { id: 1 }, tensors },
      { header: { id: 2 }, tensors: [] },
    ]);
  }
});

test('what is no frame is refused', () => {
  const read = createFrameReader(() => undefined);
  expect(() => read(Buffer.from('printed by a library'))).toThrow(/does not send frames/);
});

test('strings that are not UTF-8 are not sent', () => {
  const data = [Uint8Array.of(0xff)];
  expect(() => encodeFrame({}, [{ name: 'x', type: 'string', shape: [1], data }])).toThrow(/UTF-8/);
});
