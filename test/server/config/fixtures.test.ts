import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { fixProblem } from '../../../server/src/config/rules/rules.ts';
import { configTemplate } from '../../../server/src/config/template.ts';

const folder = new URL('../../fixtures/configs/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const codes = (text: string) => [...new Set(readConfig(text).problems.map(({ code }) => code))].sort();

/** The codes that each file of the folder has, without repetition. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'template-flat.yaml': ['dead-key', 'literal-password', 'no-effect', 'older-name'],
  'template-commented.yaml': ['model-path-missing'],
  'template-nested.yaml': ['dead-key', 'nested-form'],
  'template-nested-crlf.yaml': ['dead-key', 'nested-form'],
  'indented.yaml': [],
  'bom.yaml': ['dead-key', 'literal-password', 'no-effect', 'older-name'],
  'broken-tab.yaml': ['nested-form', 'tab-indent'],
  'broken-values.yaml': [
    'bad-choice',
    'bad-host-port',
    'bad-image-resize',
    'bad-job-name',
    'bad-post-processing',
    'bad-size',
    'blank-at-end',
    'out-of-range',
    'wrong-type',
  ],
  'broken-half-written.yaml': ['syntax'],
  'broken-conflict.yaml': ['merge-conflict'],
};

describe('the configs that people have', () => {
  test('are all reported here', () =>
    expect(readdirSync(folder).sort()).toEqual(Object.keys(expected).sort()));

  test.each(Object.entries(expected))('%s', (name, wanted) => {
    expect(codes(read(name))).toEqual(wanted);
  });

  test('of the older form give the same values as the newer one', () => {
    const { config } = readConfig(read('template-nested.yaml'));
    expect(config).toMatchObject({
      modelPath: '/opt/work/model',
      redisUrl: { host: 'localhost', port: 6379 },
      postProcessing: { kind: 'topN', n: 1 },
      coreNumberPerMachine: 4,
      redisMaxMemory: 8e9,
    });
  });

  test('keep their values and comments when every problem is fixed', () => {
    for (const name of ['template-nested.yaml', 'template-nested-crlf.yaml', 'template-flat.yaml']) {
      const before = read(name);
      let text = before;
      for (;;) {
        const { problems } = readConfig(text);
        const edits = problems.map((problem) => fixProblem(problem, text)).find((fix) => fix.length > 0);
        if (!edits) break;
        text = applyEdits(text, edits);
      }
      expect(readConfig(text).config).toEqual(readConfig(before).config);
      expect(codes(text).filter((code) => !['literal-password', 'no-effect'].includes(code))).toEqual([]);
      for (const [comment] of before.matchAll(/#.*/g)) expect(text).toContain(comment);
      expect(text.includes('\r')).toBe(before.includes('\r'));
      if (before.includes('\r')) expect(text).not.toMatch(/[^\r]\n/);
    }
  });
});

test('what init writes lacks only modelPath, and its comments hold the defaults', () => {
  const template = configTemplate();
  expect(codes(template)).toEqual(['model-path-missing']);
  const open = template.replaceAll(/^# (\w+:)/gm, '$1').replace('modelPath:', 'modelPath: /m');
  const { config } = readConfig(open);
  expect(config).toEqual(readConfig('modelPath: /m\n').config);
});
