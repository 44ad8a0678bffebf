import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobEvent } from '../../schemas/jobEvents.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

let redis: TestRedis;
let workshop: Workshop;
let path: string;

const lines = (...more: string[]) =>
  [`modelPath: ${join(models, 'mlp')}`, 'jobName: mlp', ...more, ''].join('\n');

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('unknown');
  path = workshop.config('mlp', lines('redisUrl: ${env:NO_SUCH_REDIS}'));
});

afterAll(async () => {
  writeFileSync(path, lines(`redisUrl: 127.0.0.1:${redis.port}`));
  await workshop.close();
  await redis.stop();
});

test('no Redis is asked in place of one that the config does not name, and all say why as the start does', async () => {
  const start = await workshop.cli('start', '-c', path);
  const why = start.stderr.trim();
  expect(why).toContain('env-missing');
  const listed = JSON.parse(await workshop.must('list', '--json', '-c', path)) as {
    errors: readonly { readonly error: string }[];
  };
  expect(listed.errors).toEqual([{ error: why }]);
  expect(await workshop.must('status', '-c', path)).toContain(why);
  for (const command of [
    ['stop', 'mlp'],
    ['stop', '--all'],
    ['stop', '--http', 'http://127.0.0.1:1'],
    ['queue', 'list'],
    ['queue', 'pending', 'mlp'],
  ]) {
    const { code, stderr } = await workshop.cli(...command, '-c', path);
    expect([command, code]).toEqual([command, 1]);
    expect(stderr).toContain('env-missing');
  }
});

test('a Redis is found although other lines of the config are wrong', async () => {
  const other = workshop.config('wrong', lines(`redisUrl: 127.0.0.1:${redis.port}`, 'modelParallelism: two'));
  const { errors } = JSON.parse(await workshop.must('list', '--json', '-c', other)) as { errors: unknown };
  expect(errors).toEqual([]);
  expect(await workshop.must('list', '-c', other)).toContain(String(redis.port));
});

test.each([
  ['the jobs', ['watch', '--json']],
  ['the queues', ['queue', 'list', '--follow', '--json']],
])('a watch of %s reports what is missing, and goes on once it is there', async (_, command) => {
  writeFileSync(path, lines('redisUrl: ${env:NO_SUCH_REDIS}'));
  const program = join(root, 'bin', 'cluster-serving.cjs');
  const watch = spawn(process.execPath, [program, ...command, '-c', path, '--interval', '100'], {
    env: { ...process.env, CLUSTER_SERVING_STATE: workshop.state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: JobEvent[] = [];
  createInterface({ input: watch.stdout }).on('line', (line) => events.push(JSON.parse(line) as JobEvent));
  const errors = () => events.flatMap((event) => (event.event === 'config' ? [event.error] : []));
  try {
    await eventually('it is reported', () => Promise.resolve(errors().length === 1));
    expect(errors()[0]).toContain('NO_SUCH_REDIS');
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('${env:NO_SUCH_REDIS}', `127.0.0.1:${redis.port}`),
    );
    await eventually('it is corrected', () => Promise.resolve(errors().at(-1) === null));
    await eventually(
      'Redis is asked',
      async () =>
        String(await redis.client.client('LIST'))
          .split('\n')
          .filter((line) => line !== '').length > 1,
    );
  } finally {
    watch.kill('SIGTERM');
  }
});
