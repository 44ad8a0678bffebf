import { describe, expect, test } from 'vitest';
import type { KeyName } from '../../../schemas/config/configKeys.ts';
import { explainConfig } from '../../../server/src/config/explainConfig.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';

const environment: Readonly<Record<string, string>> = {
  PASSWORD: 'not-to-be-seen',
  NAME: 'not-to-be-seen',
  ROWS: '7',
};

function explain(text: string, type?: Parameters<typeof explainConfig>[2]) {
  const rows = explainConfig(text, readConfig(text, { env: (name) => environment[name] }), type);
  const of = (key: KeyName) => {
    const row = rows.find((each) => each.key === key);
    if (!row) throw new Error(`no row of ${key}`);
    return row;
  };
  return { rows, of };
}

describe('a config that is explained', () => {
  test('gives each key its value, where that comes from, and what the key means', () => {
    const { of } = explain(
      'modelPath: m\nBATCHSIZE: 8\ndataAlreadyBatched: true\nmodel:\n  name: old\nimageResize: 224, 160\n',
    );
    expect(of('modelPath')).toMatchObject({ value: 'm', origin: 'file', line: 1 });
    expect(of('batchSize')).toMatchObject({ value: 8, origin: 'file', line: 2 });
    expect(of('inputAlreadyBatched')).toMatchObject({ value: true, origin: 'older name', line: 3 });
    expect(of('jobName')).toMatchObject({ value: 'old', origin: 'nested', line: 5 });
    expect(of('imageResize').value).toBe('224,160');
    expect(of('redisUrl')).toMatchObject({ value: 'localhost:6379', origin: 'default' });
    expect(of('redisUrl').line).toBeUndefined();
    expect(of('postProcessing').value).toBeNull();
    expect(of('batchSize').meaning).toContain('inference');
  });

  test.each([
    ['onnx', { copies: [4, 'coreNumberPerMachine', 2], threads: [1, 'default', undefined] }],
    ['openvino', { copies: [2, 'file', undefined], threads: [4, 'coreNumberPerMachine', 1] }],
  ] as const)('says what coreNumberPerMachine makes of a model of %s', (type, { copies, threads }) => {
    const { of } = explain('modelPath: m\nmodelParallelism: 2\ncoreNumberPerMachine: 4\n', type);
    const shown = (key: KeyName) => [of(key).value, of(key).origin, of(key).replaced];
    expect(shown('modelParallelism')).toEqual(copies);
    expect(shown('threadPerModel')).toEqual(threads);
  });

  test('claims no copies and threads where they depend on a model that is not known', () => {
    const { of } = explain('modelPath: m\nmodelParallelism: 2\ncoreNumberPerMachine: 4\n');
    expect(of('modelParallelism')).toMatchObject({
      value: null,
      origin: 'coreNumberPerMachine',
      replaced: 2,
    });
    expect(of('threadPerModel')).toMatchObject({ value: null, origin: 'coreNumberPerMachine' });
  });

  test('names the variables of the environment and shows no text from there, and no password', () => {
    const { rows, of } = explain(
      'modelPath: "/m/${env:NAME}"\nredisUrl: "${env:NAME}:1"\nredisPassword: ${env:PASSWORD}\nbatchSize: ${env:ROWS}\n',
    );
    expect(of('modelPath')).toMatchObject({ variables: ['NAME'] });
    expect(of('redisPassword')).toMatchObject({ value: '***', variables: ['PASSWORD'] });
    expect(of('batchSize')).toMatchObject({ value: 7, variables: ['ROWS'] });
    expect(JSON.stringify(rows)).not.toContain('not-to-be-seen');
    expect(JSON.stringify(explain('redisPassword: not-to-be-seen').rows)).not.toContain('not-to-be-seen');
  });

  test('says of a value that cannot be read that the default counts', () => {
    const { of } = explain('modelPath: m\nbatchSize: many\n');
    expect(of('batchSize')).toMatchObject({ value: 64, refused: true, line: 2 });
    expect(of('modelPath').refused).toBeUndefined();
  });
});
