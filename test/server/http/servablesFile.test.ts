import { expect, test } from 'vitest';
import { readServables } from '../../../server/src/http/servablesFile.ts';

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
  const { servables, ownModels } = readServables(text, 'f');
  expect(servables[0]).toMatchObject({
    modelName: 'a',
    modelVersion: '1.0',
    redisPort: 6390,
    redisOutputQueue: 'cluster-serving_queue:',
    countWindow: 56,
    redisTrustStorePath: '',
  });
  expect(ownModels).toEqual([
    { modelName: 'b', modelVersion: '2', modelPath: '/m', modelConCurrentNum: 1, features: ['x'] },
  ]);
});

test.each([
  ['no list', 'a: 1'],
  ['broken YAML', 'modelMetaDataList: ['],
  ['an unknown tag', 'modelMetaDataList:\n  - !<Other>\n    modelName: a\n'],
  ['no tag', 'modelMetaDataList:\n  - modelName: a\n'],
  ['no name', 'modelMetaDataList:\n  - !<ClusterServingMetaData>\n    modelVersion: 1\n'],
  ['a port in words', one.replace('6390', 'many')],
  ['a model twice', one + one.slice(one.indexOf('  -'))],
])('%s is refused', (_what, text) => {
  expect(() => readServables(text, 'f')).toThrow(
    expect.objectContaining({ code: 'config-invalid' }) as Error,
  );
});
