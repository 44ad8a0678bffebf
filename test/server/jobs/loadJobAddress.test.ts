import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import {
  loadJobAddress,
  loadRedisAddress,
  loadStoreAddress,
} from '../../../server/src/jobs/loadJobAddress.ts';
import { knownRedis } from '../../../server/src/jobs/watch/knownRedis.ts';
import {
  openStateFolder,
  type JobRecord,
  type StateFolder,
} from '../../../server/src/jobs/machine/stateFolder.ts';
import { storeText } from '../../../server/src/queue/storeAddress.ts';

let folder: string;
let path: string;
let state: StateFolder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-serving-address-'));
  path = join(folder, 'config.yaml');
  state = openStateFolder(join(folder, 'state'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a load gives of these: the job, where its queue is and its Redis; or the codes that it throws. */
function load(text: string): readonly [job: string, store: string, redis: string] {
  writeFileSync(path, text);
  const of = (read: () => string) => {
    try {
      return read();
    } catch (error) {
      if (error instanceof ServingError) return error.code;
      throw error;
    }
  };
  return [
    of(() => `${loadJobAddress(path).jobName} at ${storeText(loadJobAddress(path).store)}`),
    of(() => storeText(loadStoreAddress(path))),
    of(() => storeText(loadRedisAddress(path))),
  ];
}

const invalid = 'config-invalid';

describe('where a job is, is read from a config that is being edited:', () => {
  test.each<[string, string, string, string]>([
    ['modelPath: m\n', 'serving_stream at localhost:6379', 'localhost:6379', 'localhost:6379'],
    // What is wrong elsewhere hides nothing.
    ['jobName: a\nredisUrl: h:1\n', 'a at h:1', 'h:1', 'h:1'],
    ['jobName: a\nredisUrl: h:1\nbatchSize: many\n', 'a at h:1', 'h:1', 'h:1'],
    ['jobName: a\nredisUrl: h:1\nimageResize: 0,0\npostProcessing: x\n', 'a at h:1', 'h:1', 'h:1'],
    // What is wrong in it does, for those that ask for it.
    ['jobName: [a]\nredisUrl: h:1\n', invalid, 'h:1', 'h:1'],
    ['jobName: ""\nredisUrl: h:1\n', invalid, 'h:1', 'h:1'],
    ['jobName: a\nredisUrl: h\n', invalid, invalid, invalid],
    ['jobName: a\nredisTimeout: x\n', invalid, invalid, invalid],
    ['jobName: a\nredisPassword: ${env:NOT_SET_ANYWHERE_1}\n', invalid, invalid, invalid],
    ['jobName: a\nqueueUsed: rabbit\n', invalid, invalid, 'localhost:6379'],
    // A broken line may be what is left of a key that is not set.
    ['jobName: a\nredisUrl h:1\n', invalid, invalid, invalid],
    ['modelPath: "m\njobName: a\nredisUrl: h:1\n', invalid, invalid, invalid],
    ['jobName: a\nmodelPath: [m,\nredisUrl: h:1,\n', invalid, invalid, invalid],
    ['{jobName: a, modelPath: "m, redisUrl: h:1}\n', invalid, invalid, invalid],
    // These lines are whole: nothing is hidden by them.
    ['jobName: a\nredisUrl: h:1\nmodelPath: "m\n', 'a at h:1', 'h:1', 'h:1'],
    ['jobName: a\nredisUrl: h:1\nmodelPath: @m\nbatchSize: 4\n', 'a at h:1', 'h:1', 'h:1'],
    ['redisUrl: h:1\nmodelPath: "m\njobName: a\n', invalid, invalid, 'h:1'],
    ['jobName: a\nmodelPath: m\n\tredisUrl: h:1\n', invalid, invalid, 'h:1'],
    ['- a\n', invalid, invalid, invalid],
    // Kafka, and the Redis of secrets beside it.
    [
      'jobName: a\nqueueUsed: kafka\nkafkaUrl: k:1,l:2\nredisUrl: h:1\n',
      'a at kafka://k:1,l:2',
      'kafka://k:1,l:2',
      'h:1',
    ],
    ['jobName: a\nqueueUsed: kafka\nkafkaUrl: k\nredisUrl: h:1\n', invalid, invalid, invalid],
  ])('%j', (text, job, store, redis) => {
    expect(load(text)).toEqual([job, store, redis]);
  });

  test('the message has a line for each error that hides something, and its place', () => {
    writeFileSync(path, 'batchSize: x\njobName: [a]\nredisUrl: h\n');
    expect(() => loadJobAddress(path)).toThrow(
      /^[^\n]*config\.yaml:2:10: error[^\n]*\n[^\n]*config\.yaml:3:11: error[^\n]*$/,
    );
  });

  test.each([
    ['that is not there', () => undefined],
    ['that is a folder', () => openStateFolder(path)],
    ['that is no text', () => writeFileSync(path, Buffer.from([0xff, 0xfe, 0xff, 0x00]))],
    ['that is far too large', () => writeFileSync(path, '# \n'.repeat(2_000_000))],
  ])('a file %s cannot be read', (_, make) => {
    make();
    expect(() => loadStoreAddress(path)).toThrow(expect.objectContaining({ code: 'config-unreadable' }));
  });
});

function remember(workerId: string, more: Partial<JobRecord> = {}): void {
  state.saveJob({
    ...{ workerId, jobName: 'a', backend: 'embedded', host: 'here', pid: 1, configDigest: '', logFile: '' },
    ...{ configPath: join(folder, 'gone.yaml'), startedAt: 1, redis: { host: 'r', port: 1 } },
    ...more,
  });
}

describe('the known stores', () => {
  const known = () => {
    const { addresses, problem } = knownRedis(state, path);
    return [addresses.map(storeText), problem?.code];
  };

  test('are that of the config, and those of the jobs of this machine, each once', () => {
    writeFileSync(path, 'redisUrl: c:1\n');
    remember('w-00000001');
    remember('w-00000002');
    remember('w-00000003', { redis: { host: 'c', port: 1 } });
    remember('w-00000004', { redis: { host: 'k', port: 9 }, store: 'kafka://k:9,l:9' });
    expect(known()).toEqual([['c:1', 'r:1', 'kafka://k:9,l:9'], undefined]);
  });

  test('without a config and a job are the one that a default config would name', () => {
    expect(known()).toEqual([['localhost:6379'], undefined]);
  });

  test('of a config that does not say are those of the jobs, with the reason; none is guessed', () => {
    writeFileSync(path, 'redisUrl: nothing\n');
    expect(known()).toEqual([[], 'config-invalid']);
    remember('w-00000001');
    expect(known()).toEqual([['r:1'], 'config-invalid']);
  });

  test('of a job are as its config says now, and as its record says where they differ', () => {
    const own = join(folder, 'own.yaml');
    writeFileSync(own, 'redisUrl: r:1\nredisTimeout: 700\n');
    remember('w-00000001', { configPath: own });
    expect(knownRedis(state, path).addresses).toMatchObject([{ host: 'r', port: 1, timeoutMs: 700 }]);
    writeFileSync(own, 'redisUrl: moved:2\n');
    expect(known()).toEqual([['moved:2', 'r:1'], undefined]);
    writeFileSync(own, 'redisUrl: [');
    expect(known()).toEqual([['r:1'], undefined]);
  });

  test('hold nothing of a record that is broken, foreign, or names no place', () => {
    writeFileSync(path, 'redisUrl: c:1\n');
    const file = (name: string) => join(state.path, 'jobs', name);
    for (const [name, text] of [
      ['a.json', ''],
      ['b.json', '{"workerId":'],
      ['c.json', 'null'],
      ['d.json', '[]'],
      ['e.json', '{"workerId":"w","jobName":"a"}'],
      ['f.flink', '{"jobId":"x"}'],
      ['g.txt', '{"workerId":"w","jobName":"a","pid":1,"redis":{"host":"x","port":1}}'],
    ] as const)
      writeFileSync(file(name), text);
    remember('w-00000001', { redis: { host: 'h', port: 99_999 } });
    remember('w-00000002', { redis: { host: '', port: 1 } });
    remember('w-00000003', { store: 'kafka://' });
    expect(known()).toEqual([['c:1'], undefined]);
  });

  test('of jobs on Flink are known too', () => {
    state.saveFlinkJob({
      ...{ jobId: 'f'.repeat(32), jobName: 'a', flinkRestUrl: 'f:1', parallelism: 1, configDigest: '' },
      ...{ configPath: join(folder, 'gone.yaml'), host: 'here', startedAt: 1, redis: { host: 'q', port: 2 } },
    });
    expect(known()).toEqual([['q:2'], undefined]);
  });
});
