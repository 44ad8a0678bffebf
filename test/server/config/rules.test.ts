import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { check } from './check.ts';

describe('the text as a whole', () => {
  test.each(['', '\n\n', '# modelPath: /m\n# jobName: x\n', '---\n', '\uFEFF', '---\n...\n'])(
    'without any key lacks only modelPath (%j)',
    (text) => {
      const { problems } = readConfig(text);
      expect(problems.map(({ code, range }) => [code, range])).toEqual([
        ['model-path-missing', { start: 0, end: 0 }],
      ]);
    },
  );

  test('may begin with a byte order mark and have CRLF', () => {
    const { config, problems } = readConfig('\uFEFFmodelPath: /m\r\njobName: x\r\n');
    expect(problems).toEqual([]);
    expect(config).toMatchObject({ modelPath: '/m', jobName: 'x' });
  });

  test('must consist of keys', () => {
    check(`
just words
#^^^^^^^^^ error not-a-mapping
`);
    check(`
- modelPath: /m
#^^^^^^^^^^^^^^ error not-a-mapping
`);
  });

  test('may be one flow mapping, as JSON is', () => check(`{"modelPath": "/m", "jobName": "x"}`));

  test('is read up to its second document', () =>
    check(`
jobName: a
---
#^^ warning several-documents
jobName: b
nonsense: 1
`));

  test('with conflict markers is not read', () =>
    check(`
jobName: a
<<<<<<< HEAD
#^^^^^^^^^^^ error merge-conflict
redisUrl: nonsense
=======
#^^^^^^ error merge-conflict
>>>>>>> other
#^^^^^^^^^^^^ error merge-conflict
`));

  test('may be indented as a whole', () => check('    modelPath: /m\n    jobName: x\n'));

  test('must not be indented with tabs', () =>
    check(`
jobName: x
	redisUrl: h:1
#! error tab-indent
`));

  test('may have tabs between and after values', () => check('jobName:\tx\t# comment\nmodelPath: /m\t\n'));

  test('is complained about where it stops being YAML', () => {
    check(`
jobName: a
modelPa
#^^^^^^ error syntax
`);
    check(`
jobName: @x
#        ^ error syntax
`);
  });

  test('is not read when it is no config by its size', () => {
    const { problems } = readConfig('a: b\n'.repeat(1_000_000));
    expect(problems.map(({ code }) => code)).toEqual(['too-large']);
  });

  test.each([
    ['brackets', '['.repeat(200_000)],
    ['dashes', '- '.repeat(100_000)],
    ['question marks', '? '.repeat(100_000)],
    ['mappings', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['aliases', `a: &a [x]\n${'b: *a\n'.repeat(20_000)}`],
    [
      'an alias bomb',
      `a: &a [x]\n${'bcdefghi'.replace(/./g, (c) => `${c}: &${c} [${`*${String.fromCharCode(c.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`,
    ],
    ['one key again and again', 'jobName: x\n'.repeat(20_000)],
    ['bytes', '\0\u0001\uFFFD\uD800'.repeat(10_000)],
  ])('may be as strange as %s', (_, text) => {
    const { config, problems } = readConfig(text);
    expect(config).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
  });
});

describe('keys that depend on each other', () => {
  test('coreNumberPerMachine overrides the two it stands for', () => {
    check(`
coreNumberPerMachine: 4
modelParallelism: 2
#^^^^^^^^^^^^^^^ warning overridden-key
threadPerModel: 2
#^^^^^^^^^^^^^ warning overridden-key
`);
    check('coreNumberPerMachine: -1\nmodelParallelism: 2\n');
    check('coreNumberPerMachine: 4\nmodelParallelism:\n');
  });

  test('kafkaUrl needs the queue, and the trust store needs TLS', () => {
    check(`
kafkaUrl: h:1
#^^^^^^^ information no-effect
redisSecureTrustStorePath: /t
#^^^^^^^^^^^^^^^^^^^^^^^^ information no-effect
redisSecureTrustStorePassword: \${env:P}
#^^^^^^^^^^^^^^^^^^^^^^^^^^^^ information no-effect
`);
    check('redisSecureEnabled: true\nredisSecureTrustStorePath: /t\n');
    check('redisSecureTrustStorePath: ""\nkafkaUrl:\n');
    check(`
queueUsed: kafka
kafkaUsername: u
kafkaPassword: \${env:P}
kafkaSecureEnabled: true
kafkaSecureTrustStorePath: /t
`);
  });

  test('with Kafka the keys of Redis have no effect, and the other way round', () => {
    check(`
queueUsed: kafka
redisUrl: h:1
#^^^^^^^ information no-effect
redisPassword: \${env:P}
#^^^^^^^^^^^^ information no-effect
resultTtlSeconds: 5
#^^^^^^^^^^^^^^^ information no-effect
kafkaPassword: \${env:P}
#^^^^^^^^^^^^ information no-effect
kafkaSaslMechanism: SCRAM-SHA-256
#^^^^^^^^^^^^^^^^^ information no-effect
kafkaSecureTrustStorePath: /t
#^^^^^^^^^^^^^^^^^^^^^^^^ information no-effect
`);
    check(`
kafkaUsername: u
#^^^^^^^^^^^^ information no-effect
kafkaPassword: \${env:P}
#^^^^^^^^^^^^ information no-effect
kafkaSecureTrustStorePath: /t
#^^^^^^^^^^^^^^^^^^^^^^^^ information no-effect
`);
  });

  test('the Redis of secrets has an effect with Kafka, and its memory has not', () =>
    check(`
queueUsed: kafka
modelEncrypted: true
redisUrl: h:1
redisSecureEnabled: true
redisMaxMemory: 4g
#^^^^^^^^^^^^^ information no-effect
`));

  test('the name of a job on Kafka is that of a topic', () => {
    check(`
queueUsed: kafka
jobName: two words
#        ^^^^^^^^^ error bad-topic-name
`);
    check(`
queueUsed: kafka
jobName: Zürich
#        ^^^^^^ error bad-topic-name
`);
    check(`
queueUsed: kafka
jobName: ..
#        ^^ error bad-topic-name
`);
    check(`queueUsed: kafka\njobName: ${'a'.repeat(228)}\n`);
    expect(
      readConfig(`modelPath: m\nqueueUsed: kafka\njobName: ${'a'.repeat(229)}\n`).problems,
    ).toMatchObject([{ code: 'bad-topic-name', data: { replacement: 'a'.repeat(228) } }]);
    check('queueUsed: kafka\njobName: Digits_2.v1-a\n');
    check('jobName: two words\n');
  });

  test.each([
    ['a_dead', 'a-dead'],
    ['cluster-serving_a', 'cluster-serving-a'],
    ['"cluster-serving_a b_dead"', 'cluster-serving-a-b-dead'],
    ['"a b_dead"', 'a-b-dead'],
    ['registry', undefined],
  ])('a job on Kafka is not called %s, whose topics another one has; %s is suggested', (name, suggested) => {
    const text = `modelPath: m\nqueueUsed: kafka\njobName: ${name}\n`;
    const [found, ...more] = readConfig(text).problems;
    expect([found?.code, found?.data?.replacement, more]).toEqual(['bad-topic-name', suggested, []]);
    expect(readConfig(text.replace('kafka', 'redis')).problems).toEqual([]);
  });

  test('a job on Flink reads from Redis only', () => {
    check(`
backend: flink
queueUsed: kafka
#          ^^^^^ error not-supported-yet
`);
    check('queueUsed: kafka\n');
  });

  test('modelPath is asked for at its key when it is empty', () =>
    check(`
jobName: x
modelPath:
#^^^^^^^^ error model-path-missing
`));
});

describe('a value from the environment', () => {
  test('is put in its place, in any kind of value', () => {
    const env = { H: 'redis.local', P: '7000', S: 'hush', N: '3' };
    const text =
      'modelPath: /m\nredisUrl: "${env:H}:${env:P}"\nredisPassword: ${env:S}\nmodelParallelism: ${env:N}\n';
    const { config, problems } = readConfig(text, { env: (name) => env[name as keyof typeof env] });
    expect(problems).toEqual([]);
    expect(config).toMatchObject({ redisUrl: { host: 'redis.local', port: 7000 }, modelParallelism: 3 });
    expect(config?.redisPassword?.reveal()).toBe('hush');
  });

  test('must be set where there is an environment', () =>
    check(
      `
redisUrl: \${env:HOST}:6379
#         ^^^^^^^^^^^ error env-missing
modelPath: \${env:MODEL}
#          ^^^^^^^^^^^^ error env-missing
`,
      {},
    ));

  test('is not looked into where there is none', () => {
    const { config, problems } = readConfig('modelPath: ${env:M}\nredisUrl: ${env:H}\n');
    expect(problems).toEqual([]);
    expect(config).toMatchObject({ modelPath: '${env:M}', redisUrl: { host: 'localhost', port: 6379 } });
  });

  test('is checked like one that is written', () => {
    const { problems } = readConfig('modelPath: /m\nredisUrl: ${env:H}\n', { env: () => 'nonsense' });
    expect(problems.map(({ code }) => code)).toEqual(['bad-host-port']);
  });
});

describe('encrypted records', () => {
  test('may be encrypted by words that everyone knows, which no config shows', () => {
    check(`
recordEncrypted: true
#                ^^^^ warning record-secret
`);
    check('recordEncrypted: false\n');
    check(`
# cluster-serving-disable-next-line record-secret
recordEncrypted: true
`);
  });
});

describe('a password', () => {
  test('had better not stand in the file', () =>
    check(`
redisPassword: hush
#              ^^^^ information literal-password
`));

  test('is shown by nothing that prints a config', () => {
    const { config, origins } = readConfig('modelPath: /m\nredisPassword: hush\n');
    const printed = [JSON.stringify(config), JSON.stringify(origins), String(config?.redisPassword)].join();
    expect(printed).not.toContain('hush');
    expect(printed).toContain('***');
  });
});

describe('a disable comment', () => {
  test('switches off what it names on the next line only', () =>
    check(`
# cluster-serving-disable-next-line unknown-key, duplicate-key
foo: 1
bar: 1
#^^ warning unknown-key
`));

  test('does not switch off errors', () =>
    check(`
# cluster-serving-disable-next-line wrong-type
#                                   ^^^^^^^^^^ warning bad-disable-comment
modelParallelism: x
#                 ^ error wrong-type
`));

  test('is reported when it names what does not exist', () =>
    check(`
# cluster-serving-disable-next-line unknown-kee
#                                   ^^^^^^^^^^^ warning bad-disable-comment
foo: 1
#^^ warning unknown-key
`));
});

test('the origin of each value is reported', () => {
  const { origins } = readConfig('model:\n  path: /m\nsecureEnabled: true\nJobName: x\nredisUrl:\n');
  expect(origins.modelPath).toMatchObject({ origin: 'nested', value: '/m', keyRange: { start: 9, end: 13 } });
  expect(origins.redisSecureEnabled.origin).toBe('older name');
  expect(origins.jobName.origin).toBe('file');
  expect(origins.redisUrl.origin).toBe('default');
  expect(origins.batchSize).toEqual({ origin: 'default', value: 64 });
});

describe('a mistyped modelPath', () => {
  test.each([
    ['modlPath: /m\njobName: x\n', 'modelPath'],
    ['model_path: /m\n', 'modelPath'],
    ['{"modelpth": "/m"}\n', 'modelPath'],
    ['model:\n  pth: /m\n', 'path'],
    ['model: /m\n', 'modelPath'],
  ])('is one problem, and an error: %j', (text, replacement) => {
    const { problems, config } = readConfig(text);
    const told = problems.filter(({ code }) => ['unknown-key', 'model-path-missing'].includes(code));
    expect(told).toMatchObject([{ code: 'model-path-missing', severity: 'error', data: { replacement } }]);
    expect(config).toBeUndefined();
  });

  test('is a key that is not known where modelPath is set, and where another key is mistyped', () => {
    const codes = (text: string) => readConfig(text).problems.map(({ code }) => code);
    expect(codes('modelPath: /m\nmodlPath: /n\n')).toEqual(['unknown-key']);
    expect(codes('modlPath: /m\nmodelPth: /n\n')).toEqual(['model-path-missing', 'unknown-key']);
    expect(codes('job_name: x\n')).toEqual(['unknown-key', 'model-path-missing']);
    expect(codes('modelPath:\nmodlPath: /n\n')).toEqual(['model-path-missing', 'unknown-key']);
    // A path of blanks is none: called modelPath it would be missing all the same.
    expect(codes('modlPath: " "\n')).toEqual(['unknown-key', 'model-path-missing']);
    expect(codes('model:\n  "\n  "')).toEqual(['unknown-key', 'model-path-missing']);
  });
});

test('a line that ends with a carriage return alone is an error, since a comment would hide what follows', () => {
  const text = 'modelPath: /m\r\n# why\rjobName: x\r';
  const { problems, config } = readConfig(text);
  expect(config).toBeUndefined();
  expect(problems).toMatchObject([{ code: 'syntax', range: { start: 15, end: 20 } }]);
  for (const doubled of ['modelPath: /m\r\njobName: x\r\r\n', 'modelPath: /m\njobName: x\r'])
    expect(readConfig(doubled).config).toBeUndefined();
});
