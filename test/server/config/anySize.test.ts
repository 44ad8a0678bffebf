import { expect, test } from 'vitest';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { readServables } from '../../../server/src/config/servables.ts';
import { fixAll } from '../../../server/src/language/features/fixes.ts';
import { recognise } from '../../../server/src/language/recognise/recognise.ts';
import { amount } from '../../support/runs.ts';

/** Pieces of YAML that mean something each time they come. */
const pieces = [
  '&a ', '&a\n', '*a ', '!x ', '!<x> ', '- ', '? ', ': ', 'a: ', '[', '{', ']', '}', ',', '[],', '[a,', '{a: ', '#', '# x\n',
  '\t', ' ', '\n', '\r\n', "'", '"', '"\\', '"" ', '|\n', '>\n', '---\n', '...\n', '%YAML 1.2\n', 'a\n', 'a: b\n', 'a: &b c\n',
  'a: *b\n', '? a\n', '- - ', 'a: |\n  b\n', 'k: [\n', ' a: b\n', '@', 'modelPath: x\n', 'modelpath: x\n', 'data:\n  src: x\n',
  'x: ${env:', '<<: *a\n', '<<<<<<< a\n', '[a]: b\n', 'averylongkey', 'redisUrl: a:b\n', '# cluster-serving-disable-line\n', 'jobName: [\n',
]; // prettier-ignore
/* 100 kB of each in the full run: with anything that takes the square of the length this would not end in time. A twentieth is
   enough to overflow a stack. */
const length = amount(100_000);
const fixedLength = amount(5_000);
test.each(pieces)('any number of %j is read or refused, and never ends in an exception', (piece) => {
  const text = `${piece.repeat(length / piece.length)}\n`;
  for (const beginning of ['modelPath: /m\n', 'x: [']) {
    const { config, problems } = readConfig(beginning + text);
    expect(config !== undefined || problems.length > 0).toBe(true);
    recognise(beginning + text);
  }
  readServables(`modelMetaDataList:\n- ${text}`);
  expect(fixAll(text.slice(0, fixedLength))).toBeTypeOf('string');
});

test('a text of more pieces than any config has is refused with a sentence, at its beginning', () => {
  for (const text of ['&a '.repeat(16_000), ']'.repeat(50_000), 'a: b\n'.repeat(20_000)]) {
    const { config, problems } = readConfig(text);
    expect(config).toBeUndefined();
    expect(problems[0]).toMatchObject({ code: 'syntax', severity: 'error', range: { start: 0, end: 0 } });
    expect(problems[0]?.message).toContain('10000');
  }
});

test('a long config of ordinary lines is read, with comments of any length', () => {
  const text = `modelPath: /m\n${'# a comment that says what was decided and why\n'.repeat(3_000)}jobName: x\n`;
  expect(readConfig(text).config).toMatchObject({ modelPath: '/m', jobName: 'x' });
  const models = Array.from(
    { length: 300 },
    (_, i) => `  - !<ClusterServingMetaData>\n    modelName: m${i}\n    modelVersion: "1"\n`,
  );
  expect(readServables(`modelMetaDataList:\n${models.join('')}`).servables).toHaveLength(300);
});
