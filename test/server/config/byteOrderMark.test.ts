import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { fixProblem } from '../../../server/src/config/rules/rules.ts';
import { readServables } from '../../../server/src/config/servables.ts';
import { setValues } from '../../../server/src/config/setValues.ts';
import { fixAll } from '../../../server/src/language/features/fixes.ts';
import { recognise } from '../../../server/src/language/recognise/recognise.ts';

/** What editors on Windows put before the first letter of a file. */
const mark = '\uFEFF';

/** Problems as "code text", so that a range that is off by the mark shows. That modelPath is missing is said of the very
 *  beginning, mark or not. */
const found = (text: string) =>
  readConfig(text)
    .problems.map(({ code, range }) => `${code} ${text.slice(range.start, range.end)}`)
    .sort();

/** Each begins with what matters: the first line is where the mark stands. */
const texts = [
  'modelPath: m\njobName: a\n',
  'modelpath: m\n',
  'jobName: a\njobName: b\nmodelPath: m\n',
  '# cluster-serving-disable-next-line literal-password\nredisPassword: x\nmodelPath: m\n',
  '  # cluster-serving-disable-next-line nonsense\nmodelPath: m\n',
  '\tjobName: a\nmodelPath: m\n',
  '<<<<<<< HEAD\nmodelPath: a\n=======\nmodelPath: b\n>>>>>>> other\n',
  'performance_mode: true\nmodelPath: m\n',
  'model: {path: m, type: tf}\n',
  'model:\n  path: m\n  whatever: 1\n',
  'spark:\n  master: local\nmodelPath: m\n',
  '{"modelPath": "m", "jobname": "x"}\n',
  '---\nmodelPath: m\n',
  'jobName:a\nmodelPath: m\n',
  'redisUrl: h: 6379\nmodelPath: m\n',
  'zzz: 1\n',
];

describe('a byte order mark', () => {
  test.each(texts)('changes nothing of what is said of %j', (text) => {
    expect(found(mark + text)).toEqual(found(text));
    expect(readConfig(mark + text).config).toEqual(readConfig(text).config);
  });

  test.each(texts)('stays the first letter, and the only one, when %j is fixed', (text) => {
    const marked = mark + text;
    for (const problem of readConfig(marked).problems) {
      const fixed = applyEdits(marked, fixProblem(problem, marked));
      expect([problem.code, fixed.lastIndexOf(mark)]).toEqual([problem.code, 0]);
    }
    expect(fixAll(marked)).toBe(mark + fixAll(text));
  });

  test.each(texts)('keeps no file from being recognised: %j', (text) => {
    expect(recognise(mark + text)).toEqual(recognise(text));
  });

  test.each(texts)('stays where it is when a value of %j is set', (text) => {
    const after = setValues(text, { jobName: 'n' });
    expect(setValues(mark + text, { jobName: 'n' })).toBe(after === undefined ? undefined : mark + after);
  });

  test.each([
    'modelMetaDataList:\n- !<ClusterServingMetaData>\n  modelName: a\n  modelVersion: 1\n',
    '# cluster-serving-disable-next-line servable-list\nmodels: []\n',
    'modelMetaDataList: []\n',
    '\tmodelMetaDataList: []\n',
  ])('changes nothing of what is said of a list of models: %j', (text) => {
    const said = (of: string) => readServables(of).problems.map(({ code }) => code);
    expect(said(mark + text)).toEqual(said(text));
  });
});

test('a mark within the text is part of what it stands in', () => {
  expect(found(`modelPath: m\n${mark}jobName: a\n`)).toEqual([`unknown-key ${mark}jobName`]);
  expect(readConfig(`modelPath: m\njobName: a${mark}b\n`).config?.jobName).toBe(`a${mark}b`);
});
