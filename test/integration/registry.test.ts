import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { flinkJobsKey, frontendsKey, heartbeatKey, workersKey } from '../../schemas/redis/redisKeys.ts';
import { beatFrontend, readFrontends } from '../../server/src/queue/registry/frontendRegistry.ts';
import { readBrokenEntries } from '../../server/src/queue/registry/workerRegistry.ts';
import { aJob, beat } from '../client/aJob.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';

let redis: TestRedis;
let shop: Workshop;
let config: string;

beforeAll(async () => {
  redis = await startRedis();
  shop = openWorkshop();
  config = shop.config(
    'digits',
    `modelPath: ${join(models, 'mlp')}\njobName: digits\nredisUrl: 127.0.0.1:${redis.port}\n`,
  );
});
afterAll(async () => {
  // Nothing proves that the worker of another machine has died.
  await redis.client.flushall();
  await shop.close();
  await redis.stop();
});
beforeEach(() => redis.client.flushall());

const registration = { ...aJob().workers[0]?.registration, host: 'faraway' };

/** One good worker among all that may stand beside it. */
async function fill(): Promise<void> {
  await redis.client.hset(workersKey, {
    w1: JSON.stringify(registration),
    empty: '{}',
    text: 'not json',
    null: 'null',
    foreign: JSON.stringify(registration),
    odd: JSON.stringify({ ...registration, workerId: 'odd', pid: -1 }),
  });
  await redis.client.set(heartbeatKey('w1'), JSON.stringify(beat));
  await redis.client.hset(flinkJobsKey, 'ab', '{"jobId":"ab"}');
  await redis.client.hset(frontendsKey, 'x', 'not one', 'y', '99999999999999999999 {}', 'z', '{}');
}

describe('what another program wrote into the registry', () => {
  test('hides no job: the broken entries are left out by every command', async () => {
    await fill();
    for (const command of [
      ['list'],
      ['status', 'digits'],
      ['queue', 'list'],
      ['queue', 'pending', 'digits'],
      ['stop', 'other'],
    ]) {
      const { stderr } = await shop.cli(...command, '-c', config);
      expect([command, stderr]).toEqual([
        command,
        expect.not.stringMatching(/\n {4}at |SyntaxError|TypeError/),
      ]);
    }
    expect((await shop.jobs(config)).map(({ jobName, state }) => [jobName, state])).toEqual([
      ['digits', 'running'],
    ]);
  });

  test('is no worker to stop', async () => {
    await fill();
    await redis.client.hdel(workersKey, 'w1');
    expect(await shop.must('stop', '--all', '-c', config)).not.toContain('digits');
  });

  test('is named by the doctor, with the command that removes it', async () => {
    await fill();
    const { stdout } = await shop.cli('doctor', '-c', config);
    const line = stdout.split('\n').find((text) => text.includes('registry')) ?? '';
    for (const field of ['empty', 'text', 'null', 'foreign', 'odd', 'ab']) expect(stdout).toContain(field);
    expect(line).toContain('PROBLEM');
    expect(stdout).toContain(`hdel ${workersKey}`);
  });

  test('of another type is no hash of workers, and every command goes on without', async () => {
    await redis.client.set(workersKey, 'x');
    expect(await readBrokenEntries(redis.client)).toEqual([{ key: workersKey, field: undefined }]);
    expect(await shop.jobs(config)).toEqual([]);
  });

  test('does not keep a frontend from saying that it lives', async () => {
    await fill();
    const report = {
      frontendId: 'f1',
      url: 'http://h:1',
      host: 'h',
      pid: 7,
      startedAt: Date.now(),
      jobNames: ['digits'],
    };
    expect(await readFrontends(redis.client, '')).toEqual([]);
    await beatFrontend(redis.client, report);
    expect(await readFrontends(redis.client, '')).toEqual([{ ...report, redis: '' }]);
    expect(await redis.client.hkeys(frontendsKey)).toEqual(['f1']);
  });
});
