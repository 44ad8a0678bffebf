import { describe, expect, test } from 'vitest';
import { configFacts } from '../../../server/src/language/configFacts.ts';

const factsOf = (text: string, env: Readonly<Record<string, string>> = {}) =>
  configFacts(text, (name) => env[name]);

describe('what a config says', () => {
  test('has the defaults for what is not written', () => {
    expect(factsOf('modelPath: model\n')).toEqual({
      modelPath: 'model',
      jobName: 'serving_stream',
      redisHost: 'localhost',
      redisPort: '6379',
      backend: 'embedded',
      flinkRestUrl: 'localhost:8081',
      tuning: { batchSize: 64, threadPerModel: 1, modelParallelism: 1, coreNumberPerMachine: -1 },
      environment: [],
    });
  });

  test.each([
    ['flat', 'modelPath: m\njobName: j\nredisUrl: db:7000\nbackend: flink\nflinkRestUrl: f:1\n'],
    ['in any case', 'MODELPATH: m\nJobName: j\nREDISURL: db:7000\nBackend: flink\nflinkresturl: f:1\n'],
    ['with tabs, quotes and comments', "modelPath:\tm\r\n'jobName': \"j\" # why\r\nredisUrl: 'db:7000'\r\nbackend: flink\r\nflinkRestUrl: f:1\r\n"],
    ['indented', '  modelPath: m\n  jobName: j\n  redisUrl: db:7000\n  backend: flink\n  flinkRestUrl: f:1\n'],
    ['in one line', '{modelPath: m, jobName: j, redisUrl: "db:7000", backend: flink, flinkRestUrl: "f:1"}'],
    ['nested', 'model:\n  path: m\n  name: j\ndata:\n  src: db:7000\nflink:\n  rest: f:1\nbackend: flink\n'],
    ['nested, in lines of their own', 'model: {path: m, name: j}\ndata: {src: "db:7000"}\nflink: {rest: "f:1"}\nbackend: flink\n'],
    ['set twice', 'jobName: old\nmodelPath: m\njobName: j\nredisUrl: db:7000\nbackend: flink\nflinkRestUrl: f:1\n'],
    ['from the environment', 'modelPath: ${env:M}\njobName: j\nredisUrl: db:${env:P}\nbackend: flink\nflinkRestUrl: f:1\n'],
    ['by an anchor', 'modelPath: m\njobName: &a j\nredisUrl: db:7000\nbackend: flink\nflinkRestUrl: f:1\nthreadPerModel: 1\n'],
  ])('is the same however it is written: %s', (_, text) => {
    expect(factsOf(text, { M: 'm', P: '7000' })).toMatchObject({
      modelPath: 'm',
      jobName: 'j',
      redisHost: 'db',
      redisPort: '7000',
      backend: 'flink',
      flinkRestUrl: 'f:1',
    });
  }); // prettier-ignore

  test('names each variable that a value is taken from once, and none of a comment or of what does not count', () => {
    const text =
      'modelPath: m # ${env:C}\njobName: ${env:OLD}\njobName: j\nredisPassword: "${env:A}"\n# ${env:B}\nredisSecureTrustStorePassword: ${env:A}${env:D_1}\nnoKey: ${env:E}\n';
    expect(factsOf(text)?.environment).toEqual(['A', 'D_1']);
    expect(factsOf('{modelPath: m, redisPassword: "${env:A}"}')?.environment).toEqual(['A']);
  });

  test('is there in spite of errors elsewhere', () => {
    expect(factsOf('modelPath: m\njobName: j\nbatchSize: many\n')?.jobName).toBe('j');
  });

  test.each(['', 'services:\n  web:\n    image: x', '# modelPath: m', 'a:\n  modelPath: m', 'modelPath:\njobName: x'])(
    'is nothing for a file that names no model: %j',
    (text) => {
      expect(factsOf(text)).toBeUndefined();
    },
  );
}); // prettier-ignore
