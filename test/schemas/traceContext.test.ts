import { expect, test } from 'vitest';
import { readTraceparent, readTraceparents } from '../../schemas/traceContext.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = '00f067aa0ba902b7';

test.each([`00-${trace}-${parent}-01`, `00-${trace}-${parent}-00`, `cc-${trace}-${parent}-ff`])(
  '%s names a trace',
  (text) => {
    expect(readTraceparent(text)).toBe(text);
  },
);

test.each([
  undefined,
  ['00'],
  '',
  `ff-${trace}-${parent}-01`,
  `00-${'0'.repeat(32)}-${parent}-01`,
  `00-${trace}-${'0'.repeat(16)}-01`,
  `00-${trace.toUpperCase()}-${parent}-01`,
  `00-${trace}-${parent}`,
  `00-${trace}-${parent}-01 `,
  `00-${trace}-${parent}-01\n`,
])('%j names none', (text) => {
  expect(readTraceparent(text)).toBeUndefined();
});

test('a record may belong to several, and what names none is left out', () => {
  const [a, b] = [`00-${trace}-${parent}-01`, `00-${trace}-${'1'.repeat(16)}-00`];
  expect(readTraceparents(`${a},x,${b},`)).toEqual([a, b]);
  expect(readTraceparents('')).toEqual([]);
});
