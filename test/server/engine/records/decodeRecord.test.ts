import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import { createDecoder } from '../../../../server/src/engine/records/decodeRecord.ts';

const file = join(import.meta.dirname, '../../../../examples/digits/images/digit-03.png');
const data = JSON.stringify({ instances: [{ image: { b64: readFileSync(file).toString('base64') } }] });

test.each<[string, TensorInfo]>([
  ['its shape', { name: 'image', type: 'float32', shape: [null, 3, 8, 8] }],
  ['its name only', { name: 'image', type: 'any', shape: [], openRank: true }],
  ['its type, and no rank', { name: 'image', type: 'float32', shape: [], openRank: true }],
])('an image has one batch axis for a model that says of its input %s', async (_, info) => {
  const decode = createDecoder({
    inputs: [info],
    batched: true,
    inputAlreadyBatched: false,
    imageResize: { height: 8, width: 8 },
  });
  const { rows, strip, instances } = await decode({
    id: '1-0',
    enqueuedAt: 0,
    uri: 'a',
    data,
    serde: 'stream',
    wantsTyped: false,
    deadline: undefined,
    sharedBy: 1,
    deliveries: 1,
    deaths: 0,
    alone: false,
  });
  expect({ rows, strip, shapes: instances[0]?.parts.map(({ shape }) => shape) }).toEqual({
    rows: 1,
    strip: false,
    shapes: [[1, 3, 8, 8]],
  });
});
