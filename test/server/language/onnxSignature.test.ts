import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { configText } from '../../../server/src/language/configText.ts';
import { inlayHints } from '../../../server/src/language/features/inlayHints.ts';
import { onnxSignature } from '../../../server/src/language/world/onnxSignature.ts';
import { nodeFiles } from '../../../server/src/workspace/nodeFiles.ts';
import { batchModel } from '../../support/batchModels.ts';
import { root } from '../../support/serving.ts';
import { inMemory, uri } from './world.ts';
import { runs } from '../../support/runs.ts';

const models = join(root, 'test', 'fixtures', 'models');

/** A field of a protobuf message: a number, a text or a message, as a text of one character for each byte. */
function field(number: number, value: number | string): string {
  return typeof value === 'number'
    ? varint(number * 8) + varint(value)
    : varint(number * 8 + 2) + varint(value.length) + value;
}

function varint(value: number): string {
  return value < 128
    ? String.fromCharCode(value)
    : String.fromCharCode((value % 128) + 128) + varint(Math.floor(value / 128));
}

const valueInfo = (name: string, ...sizes: (number | string)[]) =>
  field(1, name) +
  field(
    2,
    field(
      1,
      field(1, 7) +
        field(2, sizes.map((size) => field(1, field(typeof size === 'number' ? 1 : 2, size))).join('')),
    ),
  );

const read = (bytes: string) => onnxSignature('/m.onnx', inMemory({ '/m.onnx': bytes }));

describe('the inputs and outputs of an ONNX file', () => {
  // The runtime does not open the one whose type it has no name for.
  test.each(readdirSync(models).filter((name) => name !== 'bfloat16'))(
    'of %s are those that the runtime reports',
    async (name) => {
      const file = join(models, name, `${name}.onnx`);
      const session = await InferenceSession.create(file, { logSeverityLevel: 3 });
      const infos = (metadata: readonly InferenceSession.ValueMetadata[]) =>
        metadata.map((value) => ({
          name: value.name,
          type: value.isTensor ? value.type : '',
          shape: value.isTensor ? value.shape.map((size) => (Number(size) > 0 ? size : null)) : [],
        }));
      expect(await onnxSignature(file, nodeFiles())).toEqual({
        inputs: infos(session.inputMetadata),
        outputs: infos(session.outputMetadata),
      });
      await session.release();
    },
  );

  test('do not count inputs that have a value, and are found behind weights of any size', async () => {
    const weights = field(5, field(9, 'x'.repeat(100_000)) + field(8, 'w'));
    const graph =
      weights.repeat(3) +
      field(11, valueInfo('a', 'n', 3)) +
      field(11, valueInfo('w', 9)) +
      field(12, valueInfo('\u00c3\u00a9', 200));
    expect(await read(field(1, 8) + field(7, graph))).toEqual({
      inputs: [{ name: 'a', type: 'int64', shape: [null, 3] }],
      outputs: [{ name: 'é', type: 'int64', shape: [200] }],
    });
  });

  test.each(['\u0000', 'no model', field(1, 8), field(7, '\u005a'), varint(58) + varint(2 ** 60)])(
    'are not shown for %j',
    async (bytes) => {
      expect(await read(bytes)).toBeUndefined();
    },
  );

  test('are shown or not, whatever the bytes', async () => {
    const start = field(7, field(11, valueInfo('a', 3)) + field(12, valueInfo('b', 3)));
    const bytes = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    });
    await fc.assert(
      fc.asyncProperty(fc.nat(start.length), bytes, async (cut, noise) => {
        const signature = await read(start.slice(0, cut) + noise);
        expect(signature === undefined || Array.isArray(signature.inputs)).toBe(true);
      }),
      runs(2_000),
    );
  });
});

test.each([
  ['mixing', 'softmaxOverBatch', '', 'Softmax'],
  ['rowwise', 'bert', 'batching: off\n', 'off'],
] as const)('a hint says why every record of %s/%s is run by itself', async (kind, name, more, reason) => {
  const files = inMemory({
    '/work/serving/model/a.onnx': readFileSync(batchModel(kind, name)).toString('latin1'),
  });
  const hints = await inlayHints(configText(uri, `modelPath: model\n${more}`), files);
  expect(hints.at(-1)).toMatchObject({
    label: 'one record a run',
    tooltip: expect.stringContaining(reason) as string,
  });
});

test.each([
  ['rowwise', 'bert', ''],
  ['mixing', 'softmaxOverBatch', 'batching: on\n'],
] as const)('no hint says so of %s/%s with "%s"', async (kind, name, more) => {
  const files = inMemory({
    '/work/serving/model/a.onnx': readFileSync(batchModel(kind, name)).toString('latin1'),
  });
  const hints = await inlayHints(configText(uri, `modelPath: model\n${more}`), files);
  expect(hints.map(({ label }) => label)).not.toContain('one record a run');
});

test('a hint behind modelPath shows them', async () => {
  const graph = field(11, valueInfo('a', 'n', 3)) + field(12, valueInfo('b', 2));
  const files = inMemory({ '/work/serving/model/a.onnx': field(7, graph) });
  const hints = await inlayHints(configText(uri, 'modelPath: model\n'), files);
  expect(hints.slice(0, 2).map(({ label, offset }) => [label, offset])).toEqual([
    ['onnx', 16],
    ['a[?,3] → b[2]', 16],
  ]);
});
