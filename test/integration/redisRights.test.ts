import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { grantLine } from '../../server/src/queue/redis/rights.ts';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import { post, row, startFrontend } from './httpSupport.ts';

const jobName = 'job "ä" [1]*';
let redis: TestRedis;
let shop: Workshop;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  shop = openWorkshop();
  await redis.client.call('ACL', 'SETUSER', 'serving', 'reset', 'on', '>secret');
  await redis.client.call('ACL', 'LOG', 'RESET');
});
afterEach(async () => {
  await rules('+@all', '~*', '&*');
  await shop.close();
  await redis.client.flushall();
});

const rules = (...words: string[]) => redis.client.call('ACL', 'SETUSER', 'serving', ...words);

function config(name = jobName, model = 'mlp'): string {
  return shop.config(
    model,
    [
      `modelPath: ${join(models, model)}`,
      `jobName: ${JSON.stringify(name)}`,
      `redisUrl: 127.0.0.1:${redis.port}`,
      'redisUsername: serving',
      'redisPassword: secret',
      'redisTimeout: 1000',
      '',
    ].join('\n'),
  );
}

/** As redis-cli splits it: words, and words in double quotes with backslashes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '',
  );
}

async function grant(line: string): Promise<void> {
  const [command = '', ...args] = wordsOf(line);
  await redis.client.call(command, ...args);
}

/** What was refused to any user. */
async function denials(): Promise<readonly unknown[]> {
  return (await redis.client.call('ACL', 'LOG')) as unknown[];
}

describe('the line that grants the rights', () => {
  test('is printed by a start that is refused and by the doctor, and is enough for everything', async () => {
    const path = config();
    const refusal = await shop.cli('start', '-c', path);
    expect(refusal.code).toBe(1);
    const line = refusal.stderr.split('\n').find((text) => text.startsWith('ACL SETUSER')) ?? '';
    expect(refusal.stderr).toContain('user "serving"');
    expect((await shop.cli('doctor', '-c', path)).stdout).toContain(line);
    expect(await redis.client.keys('*')).toEqual([]);

    await grant(line);
    await redis.client.call('ACL', 'LOG', 'RESET');
    expect((await shop.cli('doctor', '-c', path)).stdout).toMatch(/OK\s+Redis rights/);
    await shop.must('start', '-c', path);
    await put(redis, jobName, 'one', record({ x: dense([64], row(1)) }));
    expect(await outputsOf(redis, jobName, 'one')).toHaveLength(1);
    await put(redis, jobName, 'bad', 'no record');
    expect(await outputsOf(redis, jobName, 'bad')).toBe('NaN');
    const frontend = await startFrontend('-c', path);
    try {
      const { status } = await post(`${frontend.url}/predict`, { instances: [{ x: row(2) }, { x: row(3) }] });
      expect(status).toBe(200);
      expect((await post(`${frontend.url}/model-secure`, 'secret=a&salt=b')).status).toBe(200);
      for (const command of [
        ['list'],
        ['status', jobName],
        ['queue', 'list'],
        ['queue', 'pending', jobName],
        ['queue', 'waiting', jobName],
        ['queue', 'dead', jobName],
        ['queue', 'peek', jobName, '--dead'],
        ['queue', 'requeue', jobName, '--all'],
        ['queue', 'send-test', jobName],
        ['queue', 'clear', jobName, '--dead', '--yes'],
        ['queue', 'clear', jobName, '--waiting', '--yes'],
      ])
        expect([command, (await shop.cli(...command, '-c', path)).stderr]).toEqual([command, '']);
    } finally {
      frontend.signal('SIGTERM');
      await frontend.ended;
    }
    await shop.must('stop', jobName, '-c', path);
    // Asking for what is nice to have is no fault: INFO for the policy, UNBLOCK for a stop that need not wait.
    const asked = (await denials()).map((entry) => (entry as string[])[7]);
    expect(asked.filter((what) => !/^(info|client\|unblock)$/.test(String(what)))).toEqual([]);
  });

  test('opens the names of this job and of the registry, and no others', async () => {
    await grant(grantLine('serving', jobName));
    const user = redis.client.duplicate({ username: 'serving', password: 'secret' });
    await expect(user.xadd('other', '*', 'a', 'b')).rejects.toThrow(/NOPERM/);
    await expect(user.hset('cluster-serving_other:x', 'value', 'b')).rejects.toThrow(/NOPERM/);
    await expect(user.flushall()).rejects.toThrow(/NOPERM/);
    expect(await user.hset(`cluster-serving_${jobName}:x`, 'value', 'b')).toBe(1);
    user.disconnect();
  });
});

describe('a start', () => {
  test.each([
    ['-hset', /hset on "cluster-serving_/],
    ['-xreadgroup', /xreadgroup on "/],
    ['-xgroup|create', /xgroup\|create on "/],
    ['-evalsha', /evalsha/],
  ])('without %s is refused before anything is started, and says what is missing', async (rule, says) => {
    await grant(grantLine('serving', jobName));
    await rules(rule);
    const { code, stderr } = await shop.cli('start', '-c', config());
    expect([code, stderr]).toEqual([1, expect.stringMatching(says)]);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(await redis.client.keys('*')).toEqual([]);
  });

  test('by a user who may not write to the results is refused', async () => {
    await grant(grantLine('serving', jobName));
    await rules('resetkeys', `~${jobName.replace(/[\s*[\]]/g, '?')}*`, '~cluster-serving:*');
    const { code, stderr } = await shop.cli('start', '-c', config());
    expect([code, stderr]).toEqual([1, expect.stringMatching(/hset on "cluster-serving_job/)]);
  });

  test('and a job need nothing that is dangerous', async () => {
    await rules('~*', '&*', '+@all', '-@dangerous');
    const path = config('plain');
    const { stdout } = await shop.cli('doctor', '-c', path);
    expect(stdout).toMatch(/OK\s+Redis: .*may not send INFO.*127\.0\.0\.1/);
    await shop.must('start', '-c', path);
    await put(redis, 'plain', 'one', record({ x: dense([64], row(1)) }));
    expect(await outputsOf(redis, 'plain', 'one')).toHaveLength(1);
    expect((await shop.jobs(path)).map(({ state }) => state)).toEqual(['running']);
    await shop.must('stop', 'plain', '-c', path);
  });
});
