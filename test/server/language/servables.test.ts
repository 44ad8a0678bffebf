import { describe, expect, test } from 'vitest';
import { diagnoseServables } from '../../../server/src/language/servables/diagnoseServables.ts';
import { readServables } from '../../../server/src/config/servables.ts';
import { workspaceOf } from './world.ts';

const fine = `modelMetaDataList:
- !<ClusterServingMetaData>
  modelName: "first"
  modelVersion: "1.0"
  redisHost: localhost
  redisPort: "6379"
  redisInputQueue: "serving_stream"
  redisOutputQueue: "cluster-serving_serving_stream:"
  timeWindow: 0
  countWindow: 56
  tokenBucketEnabled: false
  tokensPerSecond: 100
  inputCompileType: "direct"
  features:
    - a
- !<InferenceModelMetaData>
  modelName: second
  modelVersion: 1
  modelPath: /m
  modelConCurrentNum: 2
`;

const none = workspaceOf({});

/** What is said, as "code text". */
function said(text: string, workspace = none): string[] {
  return diagnoseServables(text, workspace).map(
    ({ code, range }) => `${code} ${text.slice(range.start, range.end)}`,
  );
}

describe('a list of models', () => {
  test('is fine in the form of the guide', () => expect(said(fine)).toEqual([]));

  test.each([
    ['- !<ClusterServingMetaData>\n', '- \n', ['servable-tag modelName']],
    ['!<InferenceModelMetaData>', '!<Other>', ['servable-tag modelName']],
    ['  modelVersion: 1\n', '', ['servable-field-missing modelName']],
    ['redisPort: "6379"', 'redisPort: six', ['servable-field-type six']],
    ['tokenBucketEnabled: false', 'tokenBucketEnabled: 2', ['servable-field-type 2']],
    ['inputCompileType: "direct"', 'inputCompileType: "fast"', ['servable-field-type "fast"']],
    ['redisHost:', 'redisHots:', ['servable-field-unknown redisHots']],
    [
      'modelName: second\n  modelVersion: 1\n',
      'modelName: first\n  modelVersion: "1.0"\n',
      ['servable-twice first'],
    ],
    ['modelMetaDataList:', 'models:', ['servable-list m']],
  ])('with %j as %j is reported', (before, after, wanted) => {
    expect(said(fine.replace(before, after))).toEqual(wanted);
  });

  test('names jobs that the workspace has, where it has any on that Redis', () => {
    const has = (jobName: string, redis: string) =>
      workspaceOf({ 'file:///a/config.yaml': `modelPath: m\njobName: ${jobName}\nredisUrl: ${redis}\n` });
    expect(said(fine, has('serving_stream', '127.0.0.1:6379'))).toEqual([]);
    expect(said(fine, has('other', 'far:6379'))).toEqual([]);
    expect(said(fine, has('other', 'localhost:6379'))).toEqual(['servable-without-job "serving_stream"']);
  });

  test.each([
    // [how the servable names its store, the config's, what is said]
    ['queueUsed: kafka\n  kafkaUrl: B:1', 'queueUsed: kafka\nkafkaUrl: a:1,b:1', true],
    ['queueUsed: Kafka\n  kafkaUrl: "[::1]:1"', 'queueUsed: kafka\nkafkaUrl: "[::1]:1"', true],
    ['queueUsed: kafka\n  kafkaUrl: localhost:9092', 'redisUrl: localhost:6379', false],
    ['queueUsed: kafka\n  kafkaUrl: c:1', 'queueUsed: kafka\nkafkaUrl: b:1', false],
    ['queueUsed: kafka\n  kafkaUrl: nothing', 'queueUsed: kafka\nkafkaUrl: b:1', false],
    ['queueUsed: kafka', 'queueUsed: kafka\nkafkaUrl: b:1', false],
    ['redisHost: localhost', 'queueUsed: kafka\nkafkaUrl: b:1', false],
    ['redisPort: 6379', 'redisUrl: 127.0.0.1:6379', true],
    // What the frontend uses where nothing says otherwise.
    ['timeWindow: 0', 'redisUrl: localhost:6379', true],
    ['timeWindow: 0', 'queueUsed: kafka\nkafkaUrl: b:1', false],
  ])('compares a servable with %j with the jobs of %j', (where, config, isSaid) => {
    const servable = `modelMetaDataList:
- !<ClusterServingMetaData>
  modelName: m
  modelVersion: 1
  redisInputQueue: mine
  ${where}
`;
    const has = (jobName: string) =>
      workspaceOf({ 'file:///a/config.yaml': `modelPath: m\njobName: ${jobName}\n${config}\n` });
    expect(said(servable, has('other'))).toEqual(isSaid ? ['servable-without-job mine'] : []);
    expect(said(servable, has('mine'))).toEqual([]);
  });

  test('takes a job of any Redis or Kafka for that of a servable that names none', () => {
    const servable = (where: string) => `modelMetaDataList:
- !<ClusterServingMetaData>
  modelName: m
  modelVersion: 1
  redisInputQueue: mine
${where}`;
    const workspace = workspaceOf({
      'file:///a/config.yaml': 'modelPath: m\njobName: other\n',
      'file:///b/config.yaml': 'modelPath: m\njobName: mine\nqueueUsed: kafka\nkafkaUrl: b:1\n',
    });
    expect(said(servable(''), workspace)).toEqual([]);
    expect(said(servable('  redisHost: localhost\n'), workspace)).toEqual(['servable-without-job mine']);
  });

  test('may be as broken as it likes', () => {
    for (const text of [
      '',
      'modelMetaDataList:',
      '[',
      'modelMetaDataList: [1, [2], {a: b}, !<x> y]',
      '[{'.repeat(20_000),
    ])
      expect(readServables(text).problems.length).toBeGreaterThan(0);
  });
});

test('a text far larger than any list of models is not parsed', () => {
  const { problems, servables } = readServables(
    'modelMetaDataList:\n' + '  - !<ClusterServingMetaData>\n'.repeat(20_000),
  );
  expect(servables).toEqual([]);
  expect(problems.map(({ code }) => code)).toEqual(['too-large']);
});

test('a line that ends with a carriage return alone is an error, since a comment would hide what follows', () => {
  const { problems, servables } = readServables('modelMetaDataList:\r# why\r- !<ClusterServingMetaData>\r');
  expect(servables).toEqual([]);
  expect(problems).toMatchObject([{ code: 'syntax', range: { start: 0, end: 18 } }]);
});
