import { describe, expect, test } from 'vitest';
import type { ProblemCode } from '../../../schemas/config/problems.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { readServables } from '../../../server/src/config/servables.ts';

interface Said {
  readonly modelPath?: string;
  readonly jobName?: string;
  /** Nothing starts with the config. */
  readonly error?: ProblemCode;
  readonly warning?: ProblemCode;
}

/** What is read of a text, where that differs from the defaults, and the first error and the first other problem. */
function read(text: string): Said {
  const { config, problems } = readConfig(text);
  const error = problems.find(({ severity }) => severity === 'error')?.code;
  const warning = problems.find(({ severity }) => severity !== 'error')?.code;
  return {
    ...(config ? { modelPath: config.modelPath } : {}),
    ...(config && config.jobName !== 'serving_stream' ? { jobName: config.jobName } : {}),
    ...(error ? { error } : {}),
    ...(warning ? { warning } : {}),
  };
}

describe('a value is read as YAML has it', () => {
  test.each<[string, Said]>([
    // Plain, over lines.
    ['modelPath: a\n  b\n', { modelPath: 'a b' }],
    ['modelPath: a\n\n  b\n', { modelPath: 'a\nb' }],
    ['modelPath:\n  m\n', { modelPath: 'm' }],
    ['modelPath:\n\n\n  m # c\n', { modelPath: 'm' }],
    ['modelPath: m#n\n', { modelPath: 'm#n' }],
    ['modelPath: m #n\n', { modelPath: 'm' }],
    ['modelPath: m:n\n', { modelPath: 'm:n' }],
    ['modelPath: -m\n', { modelPath: '-m' }],
    ['modelPath: ?m\n', { modelPath: '?m' }],
    ['modelPath: \u00a0m\n', { modelPath: 'm', warning: 'blank-at-end' }],
    ['modelPath: m\u0085\n', { modelPath: 'm\u0085' }],
    // Quoted.
    ["modelPath: 'it''s'\n", { modelPath: "it's" }],
    ['modelPath: "a\\tb"\n', { modelPath: 'a\tb' }],
    ['modelPath: "\\x6d\\u006d\\U0000006d"\n', { modelPath: 'mmm' }],
    ['modelPath: "a\\\n  b"\n', { modelPath: 'ab' }],
    ['modelPath: "a\n  b"\n', { modelPath: 'a b' }],
    ["modelPath: 'a\n  b'\n", { modelPath: 'a b' }],
    ['modelPath: "# m"\n', { modelPath: '# m' }],
    ['modelPath: "~"\n', { modelPath: '~' }],
    ["modelPath: 'null'\n", { modelPath: 'null' }],
    // Blocks.
    ['modelPath: >\n  a\n  b\n', { modelPath: 'a b' }],
    ['modelPath: >-\n  a\n\n  b\n', { modelPath: 'a\nb' }],
    ['modelPath: |2\n   a\n', { modelPath: 'a' }],
    ['modelPath: |+\n  a\n\n\njobName: x\n', { modelPath: 'a', jobName: 'x' }],
    ['modelPath: | # a comment\n  a # no comment\n', { modelPath: 'a # no comment' }],
    [
      'modelPath: m\njobName: |-\n  modelPath: n\n',
      { modelPath: 'm', jobName: 'modelPath: n', warning: 'job-name-colon' },
    ],
    // Numbers and words that are no text elsewhere.
    ['modelPath: m\njobName: 9007199254740993\n', { modelPath: 'm', jobName: '9007199254740993' }],
    ['modelPath: m\njobName: -0\n', { modelPath: 'm', jobName: '-0' }],
    ['modelPath: m\njobName: 1e400\n', { modelPath: 'm', jobName: '1e400' }],
    ['modelPath: m\njobName: .nan\n', { modelPath: 'm', jobName: '.nan' }],
    ['modelPath: m\njobName: 0x1F\n', { modelPath: 'm', jobName: '0x1F' }],
    ['modelPath: m\njobName: 2001-01-01\n', { modelPath: 'm', jobName: '2001-01-01' }],
    ['modelPath: m\njobName: no\n', { modelPath: 'm', jobName: 'no' }],
    ['modelPath: m\njobName: nUlL\n', { modelPath: 'm', jobName: 'nUlL' }],
    ['modelPath: m\njobName: Null\n', { modelPath: 'm' }],
    ['modelPath: m\njobName: ~ # none\n', { modelPath: 'm' }],
    // Tags.
    ['modelPath: !!str m\n', { modelPath: 'm' }],
    ['modelPath: !!str\n', { error: 'model-path-missing' }],
    ['modelPath: !mine m\n', { modelPath: 'm' }],
    ['!!map\nmodelPath: m\n', { modelPath: 'm' }],
  ])('%j', (text, said) => {
    expect(read(text)).toEqual(said);
    expect(read(text.replaceAll('\n', '\r\n'))).toEqual(said);
  });
});

describe('a key is read as YAML has it', () => {
  test.each<[string, Said]>([
    ['"modelPath": m\n', { modelPath: 'm' }],
    ["'modelPath' : m\n", { modelPath: 'm' }],
    ['"model\\x50ath": m\n', { modelPath: 'm' }],
    ['? modelPath\n: m\n', { modelPath: 'm' }],
    ['? "modelPath"\n: m\n? jobName\n: x\n', { modelPath: 'm', jobName: 'x' }],
    ['modelPath:\tm\n', { modelPath: 'm' }],
    ['modelPath   :   m\n', { modelPath: 'm' }],
    ['!!str modelPath: m\n', { modelPath: 'm' }],
    ['&k modelPath: m\n', { modelPath: 'm' }],
    ['{modelPath: m}', { modelPath: 'm' }],
    ['{"modelPath":"m","jobName":"x"}', { modelPath: 'm', jobName: 'x' }],
    ['{\n\tmodelPath: m,\n\tjobName: x,\n}\n', { modelPath: 'm', jobName: 'x' }],
    ['{? modelPath : m}\n', { modelPath: 'm' }],
    ['%YAML 1.1\n---\nmodelPath: m\n', { modelPath: 'm' }],
    ['# a\n\n---\n# b\nmodelPath: m\n...\n# c\n', { modelPath: 'm' }],
    // What looks like a key of an object in JavaScript is only an unknown key.
    ['__proto__: {modelPath: x}\nmodelPath: m\n', { modelPath: 'm', warning: 'unknown-key' }],
    ['constructor: x\nmodelPath: m\n', { modelPath: 'm', warning: 'unknown-key' }],
    ['toString: {a: 1}\nhasOwnProperty: 1\nmodelPath: m\n', { modelPath: 'm', warning: 'unknown-key' }],
    ['model: {__proto__: {}, path: m}\n', { modelPath: 'm', warning: 'nested-form' }],
    ['model: {constructor: 1, path: m}\n', { modelPath: 'm', warning: 'nested-form' }],
    ['"": x\nmodelPath: m\n', { modelPath: 'm', warning: 'unknown-key' }],
    ['? {modelPath: x}\n: y\nmodelPath: m\n', { modelPath: 'm', warning: 'unknown-key' }],
    ['1: x\n? \nmodelPath: m\n', { modelPath: 'm', warning: 'unknown-key' }],
    // The dotless i of Turkish is another letter, and K is not the sign of kelvin.
    ['modelPath: m\njobName: x\nthreadPerModeL: 2\n', { modelPath: 'm', jobName: 'x', warning: 'key-case' }],
    ['modelPath: m\n\u212Aafka: x\n', { modelPath: 'm', warning: 'unknown-key' }],
  ])('%j', (text, said) => {
    expect(read(text)).toEqual(said);
  });
});

describe('anchors', () => {
  test.each<[string, Said]>([
    ['modelPath: &a m\njobName: *a\n', { modelPath: 'm', jobName: 'm' }],
    ['modelPath: &a m\njobName: *a # c\n', { modelPath: 'm', jobName: 'm' }],
    // Of two of one name the last before the alias counts, wherever it stands.
    [
      'x: &a n\nmodelPath: m\ny: &a o\njobName: *a\n',
      { modelPath: 'm', jobName: 'o', warning: 'unknown-key' },
    ],
    [
      'x: &a n\nmodelPath: m\njobName: *a\ny: &a o\n',
      { modelPath: 'm', jobName: 'n', warning: 'unknown-key' },
    ],
    ['model: &s {path: m, name: x}\ndata: *s\n', { modelPath: 'm', jobName: 'x', warning: 'nested-form' }],
    ['model:\n  path: &p m\n  name: *p\n', { modelPath: 'm', jobName: 'm', warning: 'nested-form' }],
    ['modelPath: m\njobName: &e\nredisUsername: *e\n', { modelPath: 'm' }],
    // Before its anchor, without one, or to what is no single value.
    ['jobName: *a\nmodelPath: &a m\n', { error: 'wrong-type' }],
    ['modelPath: *nowhere\n', { error: 'wrong-type' }],
    ['modelPath: m\nx: &a [1]\njobName: *a\n', { error: 'wrong-type', warning: 'unknown-key' }],
    ['modelPath: m\nx: &a {y: *a}\njobName: *a\n', { error: 'wrong-type', warning: 'unknown-key' }],
    // Keys are not merged, as the original does not merge them.
    ['x: &a {modelPath: m}\n<<: *a\n', { error: 'model-path-missing', warning: 'unknown-key' }],
    ['x: &a {jobName: n}\nmodelPath: m\n<<: [*a]\n', { modelPath: 'm', warning: 'unknown-key' }],
  ])('%j', (text, said) => {
    expect(read(text)).toEqual(said);
  });
});

describe('what is no config is an error at the place of it', () => {
  test.each<[string, ProblemCode, string]>([
    ['modelPath:m\n', 'not-a-mapping', 'modelPath:m'],
    ['modelPath: m\njobName:x\n', 'syntax', 'jobName:x'],
    ['- modelPath: m\n', 'not-a-mapping', '- modelPath: m'],
    ['[modelPath, m]\n', 'not-a-mapping', '[modelPath, m]'],
    ['null\n', 'not-a-mapping', 'null'],
    ['"modelPath: m"\n', 'not-a-mapping', '"modelPath: m"'],
    ['*a\n', 'not-a-mapping', '*a'],
    ['|\n  modelPath: m\n', 'not-a-mapping', '|'],
    ['{modelPath: m,,}', 'syntax', ','],
    ['{modelPath: m', 'syntax', ''],
    ['modelPath: "m\n', 'syntax', ''],
    ['modelPath: m\n jobName: x\n', 'syntax', 'm'],
    ['  modelPath: m\njobName: x\n', 'syntax', 'jobName'],
    ['modelPath: m\n\tjobName: x\n', 'tab-indent', '\t'],
    ['modelPath: @m\n', 'syntax', '@'],
    ['modelPath: `m`\n', 'syntax', '`'],
    ['--- modelPath: m\n', 'syntax', 'm'],
    ['modelPath: m\rjobName: x\n', 'syntax', 'modelPath: m'],
    ['modelPath: m\n>>>>>>> x\n', 'merge-conflict', '>>>>>>> x'],
  ])('%j', (text, code, at) => {
    const { config, problems } = readConfig(text);
    expect(config).toBeUndefined();
    const error = problems.find(({ severity }) => severity === 'error');
    const shown = error && text.slice(error.range.start, error.range.end).split('\n')[0];
    expect([error?.code, shown]).toEqual([code, at.split('\n')[0]]);
  });
});

describe('a list of models is read with the same care', () => {
  const item = '- !<ClusterServingMetaData>\n  modelName: a\n  modelVersion: 1\n';

  test.each<[string, number, readonly string[]]>([
    [`modelMetaDataList:\n${item}`, 1, []],
    [`modelMetaDataList:\n${item}`.replaceAll('\n', '\r\n'), 1, []],
    [`---\nmodelMetaDataList:\n${item}`, 1, []],
    [`modelMetaDataList:\n${item}  __proto__: x\n`, 1, ['servable-field-unknown']],
    [
      `modelMetaDataList:\n${item}  constructor: x\n  toString: y\n`,
      1,
      ['servable-field-unknown', 'servable-field-unknown'],
    ],
    [`modelMetaDataList:\n${item}  features: x\n`, 1, ['servable-field-type']],
    [`modelMetaDataList:\n${item}  features: []\n`, 1, []],
    [`modelMetaDataList:\n${item}  features: ~\n`, 1, []],
    [`modelMetaDataList:\n${item}  timeWindow: -0\n`, 1, ['servable-field-type']],
    [`modelMetaDataList:\n${item}  timeWindow: 9007199254740993\n`, 1, ['servable-field-type']],
    [`modelMetaDataList:\n${item}  timeWindow: 1.0\n`, 1, ['servable-field-type']],
    [`modelMetaDataList:\n${item}  timeWindow: [1]\n`, 1, ['servable-field-type']],
    [`modelMetaDataList:\n${item}  timeWindow:\n`, 1, []],
    [`modelMetaDataList:\n${item}  tokenBucketEnabled: TRUE\n`, 1, []],
    [`modelMetaDataList:\n${item}  tokenBucketEnabled: yes\n`, 1, ['servable-field-type']],
    [`modelMetaDataList:\n${item}  ? [a, b]\n  : c\n`, 1, []],
    [`modelMetaDataList:\n${item}${item}`, 2, ['servable-twice']],
    [`modelMetaDataList:\n${item}${item.replace('1', '1.0')}`, 2, []],
    [`modelMetaDataList:\n${item}${item.replace('modelName: a', 'modelName: "a"')}`, 2, ['servable-twice']],
    [
      'modelMetaDataList:\n- !<ClusterServingMetaData>\n',
      1,
      ['servable-field-missing', 'servable-field-missing'],
    ],
    [
      'modelMetaDataList:\n- !<ClusterServingMetaData> {modelName: "", modelVersion: 1}\n',
      1,
      ['servable-field-missing'],
    ],
    [
      'modelMetaDataList:\n- !<ClusterServingMetaData> {modelName: ~, modelVersion: 1}\n',
      1,
      ['servable-field-missing'],
    ],
    ['modelMetaDataList:\n- !<__proto__> {modelName: a, modelVersion: 1}\n', 1, ['servable-tag']],
    ['modelMetaDataList:\n- a\n- [b]\n-\n', 3, ['servable-tag', 'servable-tag', 'servable-tag']],
    ['modelMetaDataList: {}\n', 0, ['servable-list']],
    ['ModelMetaDataList: []\n', 0, ['servable-list']],
    ['', 0, ['servable-list']],
    ['modelMetaDataList: []\n', 0, []],
  ])('%j', (text, count, codes) => {
    const { servables, problems } = readServables(text);
    expect([servables.length, problems.map(({ code }) => code)]).toEqual([count, codes]);
    for (const { range } of problems) {
      expect(range.start).toBeLessThanOrEqual(range.end);
      expect(range.end).toBeLessThanOrEqual(text.length);
    }
  });
});
