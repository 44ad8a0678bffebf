import { expect, test } from 'vitest';
import { formatProblem, lineColumn } from '../../../server/src/config/readConfig.ts';
import { lineAt, lineStarts } from '../../../server/src/config/lines.ts';

test('lines and columns count from 1, and CR belongs to the line before', () => {
  const text = 'a\r\nbc\n\nd';
  const places = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((at) => Object.values(lineColumn(text, at)).join(':'));
  expect(places).toEqual(['1:1', '1:2', '1:3', '2:1', '2:2', '2:3', '3:1', '4:1', '4:2']);
  const starts = lineStarts(text);
  expect([0, 2, 3, 6, 7, 8].map((at) => lineAt(starts, at))).toEqual([0, 0, 1, 2, 3, 3]);
});

test('a problem is printed with file, line and column', () => {
  const found = {
    code: 'syntax',
    severity: 'error',
    message: 'Bad.',
    range: { start: 4, end: 5 },
  } as const;
  expect(formatProblem('c.yaml', 'a\nb c', found)).toBe('c.yaml:2:3: error syntax: Bad.');
});
