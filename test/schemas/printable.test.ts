import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beginning, printable, printableJson, printableStack } from '../../schemas/printable.ts';

/** Control characters of ASCII and Latin-1, separators of lines, marks that turn the direction of text. */
const hostile =
  '\u001b]0;title\u0007\u001b[2J\u009b31m\r\n\u2028\u2029\u202e\u2066\u200f\u061c\u0000\u007f\t';

test('letters that act are written out; all others stay', () => {
  expect(printable('a\nb\r\tc\u001b[31m')).toBe('a\\nb\\r\\tc\\x1b[31m');
  expect(printable('\u009b\u202e\u2066\u2028')).toBe('\\x9b\\u202e\\u2066\\u2028');
  for (const text of ['数字 ß "$(echo)" é', 'שלום', 'a\\b', '👩‍👩‍👧', '']) expect(printable(text)).toBe(text);
});

test('whatever the text, nothing in it acts afterwards', () => {
  // By the classes of Unicode, not by the list that is tested.
  const acts = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
  const anyText = fc
    .array(fc.oneof(fc.constantFrom(...Array.from(hostile)), fc.string({ unit: 'binary' })))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(anyText, (text) => {
      expect(printable(text)).not.toMatch(acts);
      const json = printableJson(JSON.stringify({ text }));
      expect(json).not.toMatch(acts);
      expect(JSON.parse(json)).toEqual({ text });
    }),
    { numRuns: 50 },
  );
});

test('every letter of one unit is either left or written out', () => {
  const letters = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
  const acts = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
  expect(letters.filter((letter) => acts.test(letter) !== (printable(letter) !== letter))).toEqual([]);
});

test('a stack keeps its lines, and a message in it cannot add any', () => {
  const lines = printableStack(new Error('bad name "a\n2026-01-01 INFO  forged\u001b[2J"')).split('\n');
  expect(lines[0]).toBe('Error: bad name "a\\n2026-01-01 INFO  forged\\x1b[2J"');
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines.slice(1)) expect(line).toMatch(/^ {4}at /);
  expect(printableStack('text\n')).toBe('text\\n');
  expect(printableStack(new Error(''))).toMatch(/^Error:? ?\n {4}at /);
});

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'abc'],
  ['ab\u{1f600}', 4, 'ab\u{1f600}'],
  ['ab\u{1f600}', 3, 'ab'],
  ['ab\u{1f600}c', 4, 'ab\u{1f600}'],
  ['\u{1f600}', 1, ''],
  ['ab', 0, ''],
  // A half that came alone is the text's own.
  ['ab\ud83d', 3, 'ab\ud83d'],
])('of %j at most %d units are %j: no character is cut in half', (text, most, cut) => {
  expect(beginning(text, most)).toBe(cut);
});

test('the beginning of a text of whole characters is one, and lacks at most one of them', () => {
  const wellFormed = fc.string({ unit: 'grapheme', maxLength: 20 });
  fc.assert(
    fc.property(wellFormed, fc.nat(40), (text, most) => {
      const cut = beginning(text, most);
      expect(text.startsWith(cut)).toBe(true);
      expect(cut.length).toBeLessThanOrEqual(most);
      expect(cut.length).toBeGreaterThanOrEqual(Math.min(text.length, most) - 1);
      expect(Buffer.from(cut, 'utf8').toString('utf8')).toBe(cut);
    }),
  );
});
