import { expect, test } from 'vitest';
import { createPins } from '../../../client/src/views/pins.ts';
import { aMemento } from '../aMemento.ts';

const same = (item: string) => item;

test('what was pinned last stands first, the rest keeps its order', async () => {
  const pins = createPins(aMemento());
  await pins.toTop('c');
  await pins.toTop('d');
  expect(pins.sorted(['a', 'b', 'c', 'd'], same)).toEqual(['d', 'c', 'a', 'b']);
  await pins.toTop('c');
  await pins.remove('d');
  expect(pins.sorted(['a', 'b', 'c', 'd'], same)).toEqual(['c', 'a', 'b', 'd']);
});

test('pins are there again in the next window', async () => {
  const memento = aMemento();
  await createPins(memento).toTop('b');
  expect(createPins(memento).sorted(['a', 'b'], same)).toEqual(['b', 'a']);
});
