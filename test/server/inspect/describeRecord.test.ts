import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeRecord } from '../../../server/src/codec/encodeRecord.ts';
import { decodePng } from '../../../server/src/codec/image/png.ts';
import { encodeTypedRecord } from '../../../server/src/codec/typedForm.ts';
import type { RecordInput } from '../../../server/src/tensor/tensor.ts';
import type { ModelFacts } from '../../../server/src/inspect/describeInput.ts';
import { describeRecord } from '../../../server/src/inspect/describeRecord.ts';

const images = join(import.meta.dirname, '..', '..', 'fixtures', 'images');

function preview(inputs: Readonly<Record<string, RecordInput>>, model: ModelFacts = {}) {
  const data = encodeRecord(new Map(Object.entries(inputs)));
  const record = { id: '1-0', state: 'waiting', uri: 'one', data, serde: undefined } as const;
  return describeRecord('job', record, model).inputs[0];
}

function image(name: string): RecordInput {
  return { kind: 'image', base64: readFileSync(join(images, name)).toString('base64') };
}

test('values that are not finite are counted and do not spoil the statistics', () => {
  const data = Float32Array.of(NaN, 1, Infinity, 3);
  expect(preview({ x: { kind: 'dense', type: 'float32', shape: [4], data } })).toMatchObject({
    statistics: { min: 1, max: 3, mean: 2, notFinite: 2 },
  });
});

test('a tensor without values has no statistics', () => {
  const input = preview({ x: { kind: 'dense', type: 'float32', shape: [0], data: new Float32Array(0) } });
  expect(input).toMatchObject({ kind: 'tensor', shape: [0], count: 0 });
  expect(input).not.toHaveProperty('statistics');
});

test('of a long tensor only the first values are shown, and how many there are', () => {
  const input = preview({ x: { kind: 'dense', type: 'int32', shape: [1000], data: new Int32Array(1000) } });
  expect(input).toMatchObject({ dtype: 'int32', count: 1000 });
  expect(input?.kind === 'tensor' && input.values.length).toBeLessThan(50);
});

test('a sparse tensor is distinguished from a dense one', () => {
  const indices = Int32Array.of(0, 1, 2, 3);
  const data = Float32Array.of(5, 6);
  expect(
    preview({ x: { kind: 'sparse', type: 'float32', shape: [4, 5], indices, indiceShape: [2, 2], data } }),
  ).toMatchObject({ kind: 'sparse', shape: [4, 5], count: 2 });
});

test('an image has the axes that the model wants', () => {
  const shape = (sizes: readonly (number | null)[]) =>
    preview(
      { image: image('png-rgb.png') },
      {
        imageResize: { height: 8, width: 6 },
        inputs: [{ name: 'image', type: 'float32', shape: sizes }],
      },
    );
  expect(shape([null, 3, 8, 6])).toMatchObject({ shape: [1, 3, 8, 6] });
  expect(shape([null, 8, 6, 3])).toMatchObject({ shape: [1, 8, 6, 3] });
});

test('the thumbnail is a PNG of the same image, no larger than it need be', () => {
  const small = preview({ image: image('png-rgb.png') });
  if (small?.kind !== 'image') throw new Error('no image');
  const pixels = decodePng(Buffer.from(small.thumbnail.split(',')[1] ?? '', 'base64'));
  const original = decodePng(readFileSync(join(images, 'png-rgb.png')));
  expect(Math.max(pixels.width, pixels.height)).toBeLessThanOrEqual(160);
  expect(pixels.width / pixels.height).toBeCloseTo(original.width / original.height, 1);
  expect(pixels).toEqual(original);
});

test('one text is a text for a model that takes texts', () => {
  const inputs = [{ name: 't', type: 'string', shape: [null] }];
  expect(preview({ t: { kind: 'image', base64: 'good morning' } }, { inputs })).toMatchObject({
    kind: 'text',
    texts: ['good morning'],
  });
});

test('texts that are not UTF-8 are shown by their bytes, and are not taken for other texts', () => {
  const data = ['255,0,200', Uint8Array.of(255, 0, 200), 'ä'];
  const typed = encodeTypedRecord(new Map([['t', { type: 'string', shape: [3], data }]]));
  const record = { id: '1-0', state: 'waiting', uri: 'one', data: typed, serde: 'typed' } as const;
  expect(describeRecord('job', record, {}).inputs).toMatchObject([
    { kind: 'text', count: 3, texts: ['255,0,200', '0xff00c8', 'ä'] },
  ]);
});

test('one input that cannot be decoded does not hide its neighbours', () => {
  const data = encodeRecord(
    new Map<string, RecordInput>([
      ['a', { kind: 'image', base64: 'AAAA' }],
      ['b', { kind: 'dense', type: 'float32', shape: [1], data: Float32Array.of(1) }],
    ]),
  );
  const record = { id: '1-0', state: 'waiting', uri: 'one', data, serde: undefined } as const;
  expect(describeRecord('job', record, {}).inputs.map(({ kind }) => kind)).toEqual(['undecodable', 'tensor']);
});
