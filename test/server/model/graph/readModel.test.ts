import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readModel } from '../../../../server/src/model/graph/readModel.ts';
import { batchModel, batchModels, bytesOf, sourceOf } from '../../../support/batchModels.ts';

test('the structure of a model is read: nodes, attributes, constants, names of sizes', async () => {
  const model = await readModel(bytesOf(batchModel('rowwise', 'mobilenet')));
  expect(model?.opsets.get('')).toBe(17);
  expect(model?.graph.inputs).toEqual([{ name: 'x', isTensor: true, dims: ['batch', 3, 'H', 'W'] }]);
  expect(model?.graph.nodes[0]).toMatchObject({ operator: 'Conv', domain: '', inputs: ['x', 'w1'] });
  expect(model?.graph.nodes[0]?.attributes.get('pads')).toEqual({ ints: [1, 1, 1, 1] });
  expect(model?.graph.initializers.get('rest')).toEqual({ dims: [1], values: [-1] });
  expect(model?.graph.initializers.get('w1')).toEqual({ dims: [8, 3, 3, 3] });
});

test('graphs within graphs and functions are read', async () => {
  const branch = await readModel(bytesOf(batchModel('mixing', 'inABranch')));
  expect(branch?.graph.nodes[0]?.attributes.get('then_branch')?.graph?.nodes).toHaveLength(2);
  const torch = await readModel(bytesOf(batchModel('rowwise', 'functionOfTorch')));
  expect(torch?.functions[0]).toMatchObject({ name: 'gelu', domain: 'local', inputs: ['a'] });
  expect(torch?.functions[0]?.nodes[1]?.attributes.get('value_float')).toEqual({ reference: 'factor' });
});

test('windows that are much smaller than the file give the same', async () => {
  const file = batchModel('rowwise', 'bert');
  const limits = { windowBytes: 8_192, maxWindows: 1_000, maxFields: 100_000 };
  expect(await readModel(bytesOf(file), limits)).toEqual(await readModel(bytesOf(file)));
});

test('a model that is cut off anywhere is read in part or not at all, and never throws', async () => {
  const files = batchModels('rowwise').map((name) => readFileSync(batchModel('rowwise', name)));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), fc.nat(), fc.nat(255), async (file, at, byte) => {
      const bytes = Uint8Array.from(file);
      bytes[at % bytes.length] = byte;
      await readModel(sourceOf(bytes));
      await readModel(sourceOf(bytes.subarray(0, at % bytes.length)));
    }),
    { numRuns: 200 },
  );
});

test('a file beyond the limits is not read', async () => {
  const limits = { windowBytes: 8_192, maxWindows: 1_000, maxFields: 50 };
  expect(await readModel(bytesOf(batchModel('rowwise', 'bert')), limits)).toBeUndefined();
});
