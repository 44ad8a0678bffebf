import { expect, test } from 'vitest';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { indentLine } from '../../../server/src/language/features/indentLine.ts';

/** Begins the line at `$0`. @returns the text after it is indented */
function indented(marked: string, width = 2): string {
  const text = marked.replace('$0', '');
  return applyEdits(text, indentLine(text, marked.indexOf('$0'), width));
}

test.each([
  ['below a section', 'model:\n$0', 'model:\n  '],
  ['below a section, as wide as the editor says', 'redis: # here\r\n$0', 'redis: # here\r\n    ', 4],
  ['under the text of an item', 'modelMetaDataList:\n- !<ClusterServingMetaData>\n$0', undefined],
  ['as the line above', 'model:\n  path: /m\n$0', 'model:\n  path: /m\n  '],
  ['not deeper below a key without a value', 'jobName:\n  $0', 'jobName:\n'],
  ['past blank lines', 'params:\n  core_number: 1\n\n$0', 'params:\n  core_number: 1\n\n  '],
])('a new line is indented %s', (_what, marked, wanted, width?: number) => {
  expect(indented(marked, width)).toBe(wanted ?? `${marked.replace('$0', '')}  `);
});

test.each(['$0', 'modelPath: /m\n$0 rest: 1\n', '\tjobName: x\n$0'])('nothing is changed in %j', (marked) => {
  expect(indented(marked)).toBe(marked.replace('$0', ''));
});
