import { expect, test } from 'vitest';
import type { InputPreview, RecordPreview } from '../../../schemas/redis/queueReports.ts';
import type { Translate } from '../../../client/src/views/figures.ts';
import { recordPage } from '../../../client/src/pages/recordPage.ts';

const t: Translate = (message, ...args) => message.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)]));

function page(inputs: readonly InputPreview[], more: Partial<RecordPreview> = {}): string {
  return recordPage({ jobName: 'job', id: '5-0', state: 'waiting', bytes: 9, inputs, ...more }, t, {
    nonce: 'abc',
    language: 'zh-cn',
  });
}

const image: InputPreview = {
  name: 'image',
  kind: 'image',
  format: 'png',
  width: 3,
  height: 2,
  bytes: 80,
  shape: [1, 3, 2, 3],
  statistics: { min: 0, max: 255, mean: 12.5, notFinite: 0 },
  thumbnail: 'data:image/png;base64,AAAA',
};

test('what a client wrote stays text', () => {
  const nasty = '<img src=x onerror=alert(1)>"';
  const text = page(
    [
      { name: nasty, kind: 'text', dtype: 'string', shape: [1], count: 1, texts: [nasty] },
      { name: 'b', kind: 'undecodable', error: nasty, text: nasty },
      { ...image, name: nasty },
    ],
    { uri: nasty, error: nasty },
  );
  expect(text).not.toContain('<img src=x');
  expect(text.match(/<img/g)).toHaveLength(1);
});

test('nothing is run or loaded, and the style is let through by its nonce', () => {
  const text = page([image]);
  expect(text).toContain(`default-src 'none'; img-src data:; style-src 'nonce-abc';`);
  expect(text).toContain('<style nonce="abc">');
  expect(text).not.toMatch(/<script|style=|https?:/);
});

test('an image is shown with a text for those who do not see it', () => {
  expect(page([image])).toContain('<img src="data:image/png;base64,AAAA" alt="The image of image">');
});

test('a tensor is shown with its shape and statistics', () => {
  const text = page([
    {
      name: 'x',
      kind: 'tensor',
      dtype: 'float32',
      shape: [2, 3],
      statistics: { min: -1, max: 2.5, mean: 0.123456789, notFinite: 1 },
      count: 6,
      values: [1, 2],
    },
  ]);
  for (const part of ['[2, 3]', '-1', '2.5', '0.12346', 'Not finite', '1, 2, …'])
    expect(text).toContain(part);
});

test('a dead letter is shown with its reason', () => {
  const dead = { id: '5-0', reason: 'input-mismatch: no', at: 0, deliveries: 3, consumer: 'c', requeued: 0 };
  const text = page([], { state: 'dead', dead });
  for (const part of ['input-mismatch: no', '<dd>3</dd>', '<dd>c</dd>']) expect(text).toContain(part);
});

test.each<[string, boolean]>([
  ['1700000000000-0', true],
  ['0-15', false],
  ['dead-7', false],
])('a record of the id %s shows when it was put in, where that is known: %s', (id, isKnown) => {
  const text = page([], { id });
  expect(text.includes('Put in')).toBe(isKnown);
  expect(text.includes(new Date(1_700_000_000_000).toLocaleString())).toBe(isKnown);
  expect(text).not.toContain('Invalid Date');
});
