import { describe, expect, test } from 'vitest';
import { configKeys } from '../../../schemas/config/configKeys.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { check } from './check.ts';

const typos: readonly (readonly [string, string])[] = [
  ['model_path', 'modelPath'],
  ['modelPaht', 'modelPath'],
  ['modlPath', 'modelPath'],
  ['model-path', 'modelPath'],
  ['job_name', 'jobName'],
  ['jobnames', 'jobName'],
  ['parallelism', 'modelParallelism'],
  ['model_parallelism', 'modelParallelism'],
  ['modelParalelism', 'modelParallelism'],
  ['threadsPerModel', 'threadPerModel'],
  ['threads', 'threadPerModel'],
  ['core_number', 'coreNumberPerMachine'],
  ['coreNumber', 'coreNumberPerMachine'],
  ['image_resize', 'imageResize'],
  ['postprocess', 'postProcessing'],
  ['redis_url', 'redisUrl'],
  ['resdisUrl', 'redisUrl'],
  ['redisPasword', 'redisPassword'],
  ['batch_size', 'batchSize'],
  ['secureEnable', 'redisSecureEnabled'],
  ['queue', 'queueUsed'],
  ['kafka_url', 'kafkaUrl'],
];

describe('an unknown key', () => {
  test.each(typos)('%s is taken to mean %s', (typo, meant) => {
    const [found] = readConfig(`${typo}: 1\nmodelPath: /m\n`).problems;
    expect(found?.code).toBe('unknown-key');
    expect(found?.data?.replacement).toBe(meant);
    expect(found?.message).toContain(meant);
    expect(found?.data?.allowed).toEqual(Object.keys(configKeys));
  });

  test('means nothing when nothing is like it', () => {
    const [found] = readConfig('zzz: 1\nmodelPath: /m\n').problems;
    expect(found?.code).toBe('unknown-key');
    expect(found?.data?.replacement).toBeUndefined();
  });

  test('is at most a warning, whatever its value', () =>
    check(`
apiVersion: v1
#^^^^^^^^^ warning unknown-key
? [a, b]
# ^^^^^^ warning unknown-key
: {c: [1, 2]}
<<: {d: 1}
#^ warning unknown-key
constructor: 1
#^^^^^^^^^^ warning unknown-key
`));
});

describe('a known key', () => {
  test('is accepted in another case', () =>
    check(`
modelpath: /m
#^^^^^^^^ hint key-case
JOBNAME: x
#^^^^^^ hint key-case
`));

  test('may be quoted', () => check(`"jobName": x`));

  test('is accepted under its older name', () => {
    check(`
secureEnabled: true
#^^^^^^^^^^^^ information older-name
secureTrustStorePath: /t
#^^^^^^^^^^^^^^^^^^^ information older-name
SecureStructStorePassword: \${env:X}
#^^^^^^^^^^^^^^^^^^^^^^^^ information older-name
redisMaxmemory: 8g
#^^^^^^^^^^^^^ information older-name
`);
    const { config } = readConfig('modelPath: /m\nsecureEnabled: true\nredisMaxmemory: 8gb\n');
    expect(config?.redisSecureEnabled).toBe(true);
    expect(config?.redisMaxMemory).toBe(8 * 1024 ** 3);
  });

  test('counts where it stands last, in whatever case', () => {
    check(`
jobName: a
#^^^^^^ warning duplicate-key
jobname: b
#^^^^^^ hint key-case
`);
    expect(readConfig('modelPath: /m\njobName: a\njobname: b\n').config?.jobName).toBe('b');
  });

  test('counts before its older name and before the nested form', () => {
    check(`
redisSecureEnabled: false
secureEnabled: true
#^^^^^^^^^^^^ warning duplicate-key
model:
#^^^^ warning nested-form
  name: b
# ^^^^ warning duplicate-key
jobName: a
`);
    const text = 'modelPath: /m\nsecureEnabled: true\nredisSecureEnabled: false\n';
    expect(readConfig(text).config?.redisSecureEnabled).toBe(false);
  });
});

describe('the older nested form', () => {
  test('is read, key by key', () => {
    check(`
model:
#^^^^ warning nested-form
    path: /m
    name: old
data:
#^^^ warning nested-form
    src: h:1
    filter: topN(2)
params:
#^^^^^ warning nested-form
    core_number: 4
redis:
#^^^^ warning nested-form
    maxmem: 2g
flink:
#^^^^ warning nested-form
    rest: f:2
`);
    const text =
      'model: {path: /m, name: old}\ndata: {src: "h:1", filter: topN(2)}\nparams: {core_number: 4}\nredis: {maxmem: 2g}\nflink: {rest: f:2}\n';
    expect(readConfig(text).config).toMatchObject({
      modelPath: '/m',
      jobName: 'old',
      redisUrl: { host: 'h', port: 1 },
      postProcessing: { kind: 'topN', n: 2 },
      coreNumberPerMachine: 4,
      redisMaxMemory: 2e9,
      flinkRestUrl: { host: 'f', port: 2 },
    });
  });

  test('may have empty sections and values', () =>
    check(`
data:
#^^^ warning nested-form
  src:
  image_shape:
# ^^^^^^^^^^^ information dead-key
spark:
#^^^^ warning nested-form
`));

  test('has keys that do nothing any more', () =>
    check(`
spark:
#^^^^ warning nested-form
  master: local
# ^^^^^^ information dead-key
model:
#^^^^ warning nested-form
  type: tf
# ^^^^ information dead-key
  whatever: 1
# ^^^^^^^^ information dead-key
performance_mode: true
#^^^^^^^^^^^^^^^ information dead-key
`));

  test('is not what a section name with a plain value is', () =>
    check(`
model: /m
#^^^^ error model-path-missing
`));
});
