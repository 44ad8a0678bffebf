import { expect, test } from 'vitest';
import {
  base64Of,
  keptEntries,
  restoredEntries,
  savedEntries,
  withEntry,
  type Entry,
} from '../../../web/try/tryHistory.ts';

const entry = (id: number, more: Partial<Entry> = {}): Entry => ({
  id,
  at: id,
  model: 'm',
  sent: { kind: 'json', text: '{}' },
  ...more,
});
const reply = { outcomes: [{ error: 'x' }], totalMs: 3, parts: [] };

test('the newest of twenty comes first', () => {
  let entries: readonly Entry[] = [];
  for (let id = 1; id <= 25; id++) entries = withEntry(entries, entry(id));
  expect(entries.map(({ id }) => id)).toEqual(Array.from({ length: keptEntries }, (_, i) => 25 - i));
});

test('an answer takes the place of the entry that waited for it', () => {
  const entries = withEntry(withEntry(withEntry([], entry(1)), entry(2)), entry(1, { reply }));
  expect(entries.map(({ id, reply: known }) => [id, known !== undefined])).toEqual([
    [2, false],
    [1, true],
  ]);
});

test('what is saved comes back as it was, images too', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
  const entries = [
    entry(2, { reply, sent: { kind: 'image', name: 'a.png', type: 'image/png', bytes, input: 'x' } }),
    entry(1, { reply }),
  ];
  expect(restoredEntries(JSON.parse(JSON.stringify(savedEntries(entries))))).toEqual(entries);
});

test('what waits and what is too large is not saved', () => {
  const bytes = new Uint8Array(300_000);
  const large = entry(3, { reply, sent: { kind: 'image', name: 'a.png', type: 'image/png', bytes } });
  const long = entry(4, { reply, sent: { kind: 'json', text: ' '.repeat(500_000) } });
  expect(
    restoredEntries(savedEntries([large, long, entry(2), entry(1, { reply })])).map(({ id }) => id),
  ).toEqual([1]);
});

test('a state of nothing, or of something else, is an empty history', () => {
  for (const saved of [undefined, null, {}, 'x', [3]]) expect(restoredEntries(saved)).toEqual([]);
});

test('bytes become the same base64 as anywhere else', () => {
  const bytes = Uint8Array.from({ length: 20_001 }, (_, i) => (i * 7) % 256);
  expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString('base64'));
});
