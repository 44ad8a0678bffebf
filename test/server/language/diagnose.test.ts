import { describe, expect, test } from 'vitest';
import { configText } from '../../../server/src/language/configText.ts';
import { diagnose } from '../../../server/src/language/diagnose.ts';
import { check, inMemory, uri, workspaceOf } from './world.ts';

const model = '/work/serving/model';

describe('the model folder', () => {
  test('may be relative, absolute, a URL of a file, and quoted', async () => {
    const files = inMemory({ [`${model}/a.onnx`]: '' });
    for (const path of ['model', './model/', model, `file://${model}`, `"${model}"`, '../serving/model'])
      await check(`modelPath: ${path}\n`, { files });
  });

  test('must be there', () =>
    check(`
modelPath: model
#          ^^^^^ error model-missing
`));

  test('is not checked on other machines, nor where it comes from the environment', async () => {
    for (const path of ['hdfs://a/b', 's3://a', '${env:MODELS}/a', '', '~'])
      await check(`modelPath: ${path}\n`);
  });

  test.each<[string, Record<string, string | null>]>([
    ['model-missing', { [model]: '' }],
    ['model-missing', { [model]: null }],
    ['model-none', { [`${model}/`]: '' }],
    ['model-none', { [`${model}/readme.txt`]: '' }],
    ['model-several', { [`${model}/a.onnx`]: '', [`${model}/b.onnx`]: '' }],
    ['model-incomplete', { [`${model}/a.caffemodel`]: '' }],
    ['model-keras', { [`${model}/a.keras`]: '' }],
    ['model-pickled', { [`${model}/a.pkl`]: '' }],
    ['model-incomplete', { [`${model}/model.py`]: 'class Net: pass' }],
    ['model-unsupported', { [`${model}/a.model`]: '' }],
  ])('%s: %j', (code, contents) =>
    check(
      `
modelPath: model
#          ^^^^^ error ${code}
`,
      { files: inMemory(contents) },
    ),
  );

  test('may hold an encrypted model, which is looked into only to see that it is', async () => {
    const text = 'QUJD'.repeat(20);
    const encrypted = (files: Record<string, string>, drawing: string) =>
      check(drawing, { files: inMemory(files) });
    await encrypted({ [`${model}/a.onnx`]: text }, 'modelPath: model\nmodelEncrypted: true\n');
    await encrypted(
      { [`${model}/a.onnx`]: 'plain' },
      `
modelPath: model
#          ^^^^^ error model-damaged
modelEncrypted: true
`,
    );
    await encrypted(
      { [`${model}/a.onnx`]: text },
      `
modelPath: model
#          ^^^^^ error model-damaged
`,
    );
    await encrypted(
      { [`${model}/a.tflite`]: '\x1c\0\0\0TFL3' },
      `
modelPath: model
modelEncrypted: true
#               ^^^^ warning model-not-decrypted
`,
    );
  });

  test('may be written as an address, and may be the file itself', async () => {
    const files = inMemory({ [`${model}/a.onnx`]: '' });
    await check(`modelPath: file://${model}\n`, { files });
    await check('modelPath: model/a.onnx\n', { files });
  });

  test('may hold versions, of which the newest is served', () =>
    check(
      `
modelPath: model
#          ^^^^^ information model-version
`,
      { files: inMemory({ [`${model}/1/a.onnx`]: '', [`${model}/2/a.onnx`]: '' }) },
    ));

  test.each<[string, string]>([
    ['a pointer of git-lfs', 'version https://git-lfs.github.com/spec/v1\noid sha256:1\n'],
    ['a web page', '<!DOCTYPE html><html></html>'],
  ])('holds %s in place of a model', (_, content) =>
    check(
      `
modelPath: model
#          ^^^^^ error model-damaged
`,
      { files: inMemory({ [`${model}/a.onnx`]: content }) },
    ),
  );

  test('needs a runtime that is on this machine', async () => {
    const contents = { [`${model}/saved_model.pb`]: '', [`${model}/variables/variables.index`]: '' };
    await check('modelPath: model\n', { files: inMemory(contents) });
    await check(
      `
modelPath: model
#          ^^^^^ warning runtime-missing
`,
      { files: inMemory(contents, { hasOpenvino: false }) },
    );
  });

  test('is not run by a runtime that does not read it', async () => {
    const files = inMemory({ [`${model}/a.tflite`]: '' });
    await check(
      `
modelPath: model
#          ^^^^^ error model-unsupported
runtime: onnxruntime
`,
      { files },
    );
    await check('modelPath: model\nruntime: openvino\n', { files: inMemory({ [`${model}/a.onnx`]: '' }) });
  });

  test('is found in the older form, too', () =>
    check(`
model:
  path: model
#       ^^^^^ error model-missing
`));

  test('is likely the one beside it that has nearly the same name', async () => {
    const files = inMemory({ '/work/serving/models/resnet/a.onnx': '' });
    const config = configText(uri, 'modelPath: models/resnt\n');
    const [problem] = await diagnose(config, { files, workspace: workspaceOf({}) });
    expect(problem?.data?.replacement).toBe('models/resnet');
  });

  test('is warned of where a start runs code in it, and nothing else is said of one that is data', async () => {
    await check('modelPath: model\n', { files: inMemory({ [`${model}/a.pt`]: '' }) });
    const program = `
modelPath: model
#          ^^^^^ warning model-runs-code
`;
    await check(program, { files: inMemory({ [`${model}/model.py`]: '' }) });
    await check(`${program}allowPickle: true\n`, { files: inMemory({ [`${model}/a.pkl`]: '' }) });
  });

  test('is warned of where Python, or what it needs there, is missing', async () => {
    const contents = { [`${model}/a.pt`]: '' };
    const missing = `
modelPath: model
#          ^^^^^ warning runtime-missing
`;
    await check(missing, { files: inMemory(contents, { hasPython: false }) });
    const lacking = inMemory(contents, { lacking: ['torch'] });
    await check(missing, { files: lacking });
    const [problem] = await diagnose(configText(uri, 'modelPath: model\npython: /opt/venv/bin/python\n'), {
      files: lacking,
      workspace: workspaceOf({}),
    });
    expect(problem?.message).toContain('/opt/venv/bin/python -m pip install torch');
    expect(problem?.data?.runtime).toBeUndefined();
  });

  test('is judged by what the chosen backend needs of this machine', async () => {
    await check('modelPath: model\nbackend: flink\n', { files: inMemory({ [`${model}/a.onnx`]: '' }) });
    const torch = { [`${model}/a.pt`]: '' };
    await check('modelPath: model\nbackend: flink\n', { files: inMemory(torch, { hasPython: false }) });
    await check(
      `
modelPath: model
#          ^^^^^ error model-unsupported
backend: flink
`,
      { files: inMemory({ [`${model}/a.model`]: '' }) },
    );
  });
});

describe('the trust store', () => {
  const secure = 'redisSecureEnabled: true\nredisSecureTrustStorePath: store';
  const overKafka = 'queueUsed: kafka\nkafkaSecureEnabled: true\nkafkaSecureTrustStorePath: store';

  test.each<[string, Record<string, string | null>]>([
    ['is missing', {}],
    ['is a folder', { '/work/serving/store/a': '' }],
    ['is empty', { '/work/serving/store': '' }],
    ['cannot be read', { '/work/serving/store': null }],
    ['is a Java key store', { '/work/serving/store': '\u00fe\u00ed\u00fe\u00ed' }],
  ])('%s', async (_, contents) => {
    for (const text of [secure, overKafka])
      await check(
        `
${text}
#                          ^^^^^ error trust-store-unreadable
`,
        { files: inMemory(contents) },
      );
  });

  test('is fine otherwise, and of no interest without TLS', async () => {
    await check(secure, { files: inMemory({ '/work/serving/store': '-----BEGIN' }) });
    await check('redisSecureTrustStorePath: store\n');
    await check(overKafka, { files: inMemory({ '/work/serving/store': '-----BEGIN' }) });
    await check('queueUsed: kafka\nkafkaSecureTrustStorePath: store\n');
    await check('queueUsed: kafka\nkafkaSecureEnabled: true\nkafkaSecureTrustStorePath: ${env:STORE}\n');
  });
});

describe('another config of the workspace', () => {
  const other = 'file:///work/other/config.yaml';
  const files = inMemory({ [`${model}/a.onnx`]: '' });

  test('has the same name on the same Redis', () =>
    check(
      `
modelPath: model
jobName: x
#        ^ warning job-name-shared
redisUrl: 127.0.0.1:6379
`,
      { files, workspace: workspaceOf({ [other]: 'modelPath: m\njobName: x\n' }) },
    ));

  test('is the first by name of several, in whatever order they were read', async () => {
    const configs = ['c', 'a', 'b'].map(
      (name) => [`file:///w/${name}/config.yaml`, 'modelPath: m\n'] as const,
    );
    for (const order of [configs, configs.toReversed()]) {
      const workspace = workspaceOf(Object.fromEntries(order));
      const problems = await diagnose(configText(uri, 'modelPath: model\n'), { files, workspace });
      expect(problems[0]?.message).toMatch(/ a\/config\.yaml and 2 more\./);
    }
  });

  test('has the same name by default', () =>
    check(
      `
modelPath: model
#^^^^^^^^ warning job-name-shared
`,
      { files, workspace: workspaceOf({ [other]: 'modelPath: m\n' }) },
    ));

  test('has the same name, which is allowed here', () =>
    check('modelPath: model\n# cluster-serving-disable-next-line job-name-shared\njobName: x\n', {
      files,
      workspace: workspaceOf({ [other]: 'modelPath: m\njobName: x\n' }),
    }));

  test('has the same name on another Redis', () =>
    check('modelPath: model\njobName: x\n', {
      files,
      workspace: workspaceOf({ [other]: 'modelPath: m\njobName: x\nredisUrl: far:6379\n' }),
    }));

  test('is a template yet, or the file itself', () =>
    check('modelPath: model\n', {
      files,
      workspace: workspaceOf({
        [other]: '# modelPath: m\njobName: serving_stream\n',
        [uri]: 'modelPath: model\n',
      }),
    }));

  test('has another service at the address of Redis', () =>
    check(
      `
modelPath: model
redisUrl: localhost:8081
#         ^^^^^^^^^^^^^^ warning port-shared
`,
      { files, workspace: workspaceOf({ [other]: 'modelPath: m\nflinkRestUrl: 127.0.0.1:8081\n' }) },
    ));
});

test('an address that serves two in one file is reported at both', () =>
  check(`
redisUrl: a:1
#         ^^^ warning port-shared
flinkRestUrl: A:1
#             ^^^ warning port-shared
`));

test('severities may be changed, but not those of errors in the text', async () => {
  const config = configText(uri, 'modelPath: model\njobName: ""\nfoo: 1\n');
  const severities = { 'model-missing': 'hint', 'unknown-key': 'off', 'bad-job-name': 'off' } as const;
  const problems = await diagnose(config, { files: inMemory(), workspace: workspaceOf({}) }, severities);
  expect(problems.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
    'hint model-missing',
    'error bad-job-name',
  ]);
});
