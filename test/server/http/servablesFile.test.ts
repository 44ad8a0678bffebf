import { expect, test } from 'vitest';
import { readServablesFile } from '../../../server/src/http/setup/servablesFile.ts';

const one = `modelMetaDataList:
  - !<ClusterServingMetaData>
    modelName: "a"
    modelVersion: 1.0
    redisPort: "6390"
    redisInputQueue: "queue"
    redisTrustStorePath: null
`;

test('both kinds of models are read, with defaults and a version as it is written', () => {
  const text = `${one}  - !<InferenceModelMetaData>\n    modelName: b\n    modelVersion: "2"\n    modelPath: /m\n    features: [x]\n`;
  const { servables, unservedModels } = readServablesFile(text, 'f');
  expect(servables[0]).toMatchObject({
    modelName: 'a',
    modelVersion: '1.0',
    redisPort: 6390,
    redisOutputQueue: 'cluster-serving_queue:',
    countWindow: 56,
    redisTrustStorePath: '',
  });
  expect(unservedModels).toEqual([
    { modelName: 'b', modelVersion: '2', modelPath: '/m', modelConCurrentNum: 1, features: ['x'] },
  ]);
});

test.each([
  ['no list', 'a: 1'],
  ['broken YAML', 'modelMetaDataList: ['],
  ['an unknown tag', 'modelMetaDataList:\n  - !<Other>\n    modelName: a\n'],
  ['no tag', 'modelMetaDataList:\n  - modelName: a\n'],
  ['no name', 'modelMetaDataList:\n  - !<ClusterServingMetaData>\n    modelVersion: 1\n'],
  ['a name that is empty', one.replace('"a"', '')],
  ['a port in words', one.replace('6390', 'many')],
  ['a model twice', one + one.slice(one.indexOf('  -'))],
])('%s is refused', (_what, text) => {
  expect(() => readServablesFile(text, 'f')).toThrow(
    expect.objectContaining({
      code: 'config-invalid',
      message: expect.stringMatching(/^f:\d+:\d+: error /) as string,
    }) as Error,
  );
});

test('every error is reported at once, each with its place, and what means nothing is passed over', () => {
  const text = `${one.replace('6390', 'many')}    timeWindow: long\n    nonsense: 1\n`;
  const error: unknown = (() => {
    try {
      readServablesFile(text, 'f');
    } catch (thrown) {
      return thrown;
    }
  })();
  const lines = (error as Error).message.split('\n').map((line) => line.split(':').slice(1, 3));
  expect(lines).toEqual([
    ['5', '16'],
    ['8', '17'],
  ]);
  expect(readServablesFile(`${one}    nonsense: 1\n`, 'f').servables).toHaveLength(1);
});

test('what means nothing is warned of, unless a comment switches the warning off', () => {
  const off = '    # cluster-serving-disable-next-line servable-field-unknown\n';
  expect(readServablesFile(`${one}    nonsense: 1\n`, 'f').warnings).toEqual([
    expect.stringMatching(/^f:8:5: warning /) as string,
  ]);
  expect(readServablesFile(`${one}${off}    nonsense: 1\n`, 'f').warnings).toEqual([]);
});
