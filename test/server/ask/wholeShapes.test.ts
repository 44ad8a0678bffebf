import { expect, test } from 'vitest';
import { contentOf } from '../../../server/src/ask/content.ts';
import { prepare, type ModelFacts } from '../../../server/src/ask/prepare.ts';
import { createDecoder, type DecodedRecord } from '../../../server/src/engine/records/decodeRecord.ts';
import { parseInferRequest } from '../../../server/src/http/v2/inferRequest.ts';
import { wholeOf } from '../../../server/src/queue/payload.ts';
import type { RecordInputs } from '../../../server/src/tensor/tensor.ts';
import { queued } from '../../support/memoryQueue.ts';

/** A model that does not say the rank of its input, such as one that only transposes. */
const inputs = [{ name: 'x', type: 'float32', shape: [], openRank: true }];
const model: ModelFacts = { inputs, outputs: [], batched: false, forms: ['typed'] };

/** What the model of a worker gets for a record that a frontend has put in. */
function shapeInModel(record: RecordInputs, inputAlreadyBatched: boolean): readonly number[] | undefined {
  const { data, serde } = contentOf(prepare('inputs', record, model), true);
  const decode = createDecoder({ inputs, batched: false, inputAlreadyBatched, imageResize: undefined });
  return (decode(queued({ data: wholeOf(data), serde })) as DecodedRecord).instances[0]?.parts[0]?.shape;
}

const requested = (shape: string, data: string) =>
  parseInferRequest(
    Buffer.from(`{"inputs":[{"name":"x","datatype":"FP32","shape":${shape},"data":${data}}]}`),
    undefined,
  ).inputs;

test.each([true, false])(
  'a tensor of the Open Inference Protocol reaches a model of any rank in the shape that was sent (inputAlreadyBatched %s)',
  (inputAlreadyBatched) => {
    expect(shapeInModel(requested('[2,3]', '[1,2,3,4,5,6]'), inputAlreadyBatched)).toEqual([2, 3]);
    expect(shapeInModel(requested('[]', '[1]'), inputAlreadyBatched)).toEqual([]);
  },
);

test('an instance of the original’s routes is a row, unless the config says that it has the batch axis', () => {
  const instance = {
    kind: 'dense',
    type: 'float32',
    shape: [2, 3],
    data: new Float32Array(6),
    origin: 'json',
  } as const;
  expect(shapeInModel(new Map([['x', instance]]), false)).toEqual([1, 2, 3]);
  expect(shapeInModel(new Map([['x', instance]]), true)).toEqual([2, 3]);
});
