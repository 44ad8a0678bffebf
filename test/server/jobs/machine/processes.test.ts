import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import {
  endProcess,
  isFlinkProcess,
  isProcess,
  isRedisProcess,
  isWorkerProcess,
} from '../../../../server/src/jobs/machine/processes.ts';

const id = 'host-0a1b2c3d';
const worker = isWorkerProcess(id);

test('a worker is known by whole arguments: the program, the option and the id after it', () => {
  expect(worker(['node', '/x/dist/engine.mjs', '--config', 'c', '--worker', id, '--log', 'l'])).toBe(true);
  // `ps` shows words: a path with blanks comes in pieces.
  expect(worker(['/a', 'b/node', '/c', 'd/engine.mjs', '--config', 'c', '--worker', id])).toBe(true);
});

test.each([
  ['the id is another one', ['node', 'engine.mjs', '--worker', 'host-0a1b2c3e']],
  ['the id is a part of a word', ['node', 'engine.mjs', '--worker', `${id}0`]],
  ['the id stands elsewhere', ['node', 'engine.mjs', '--config', id, '--worker', 'host-00000000']],
  ['an editor has the log open', ['vim', `/state/logs/job.${id}.log`]],
  ['a search looks for it', ['grep', '-r', `engine.mjs --worker ${id}`]],
  ['the program is another one', ['node', 'other.mjs', '--worker', id]],
  ['the option comes before the program', ['node', '--worker', id, 'engine.mjs']],
  ['it shows no arguments', ['']],
  ['it has gone', []],
])('it is no worker if %s', (_why, words) => {
  expect(worker(words)).toBe(false);
});

test.each(['', 'node', '--config', '--log', 'engine.mjs', 'host-0a1b2c3', 'a b-0a1b2c3d', '../x-0a1b2c3d'])(
  'an id that no start gives, such as "%s", proves nothing whatever the arguments are',
  (foreign) => {
    expect(isWorkerProcess(foreign)(['node', '/x/engine.mjs', '--worker', foreign])).toBe(false);
  },
);

test('a Redis is known by its program and its port, not by a client of that port', () => {
  const redis = isRedisProcess(6379, '/state/redis/redis.conf');
  expect(redis(['redis-server', '/state/redis/redis.conf'])).toBe(true);
  expect(redis(['vi', '/state/redis/redis.conf'])).toBe(false);
  expect(redis(['/usr/bin/redis-server', '127.0.0.1:6379'])).toBe(true);
  expect(redis(['redis-server', '*:16379'])).toBe(false);
  expect(redis(['redis-cli', '-u', 'redis://127.0.0.1:6379'])).toBe(false);
  expect(redis(['node', 'app.js', '--redis', 'localhost:6379'])).toBe(false);
});

test('a Flink is known by its Java and the folder that it writes to, not by who reads there', () => {
  const flink = isFlinkProcess('/state/flink-8081');
  expect(flink(['/jdk/bin/java', '-Dlog.file=/state/flink-8081/log/flink.log', 'org.apache.Main'])).toBe(
    true,
  );
  expect(flink(['/jdk/bin/java', '-Dlog.file=/state/flink-80811/log/flink.log'])).toBe(false);
  expect(flink(['tail', '-f', '/state/flink-8081/log/flink.log'])).toBe(false);
});

test('a process that is not proven to be the one that is meant is left alone', async () => {
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', id]);
  await once(bystander, 'spawn');
  const { pid = 0 } = bystander;
  expect(isProcess(pid, () => true)).toBe(true);
  expect(await endProcess(pid, worker, { politeMs: 10, isOnRecord: false })).toBe(false);
  expect(isProcess(pid, () => true)).toBe(true);
  bystander.kill('SIGKILL');
  await once(bystander, 'exit');
  expect(isProcess(pid, () => true)).toBe(false);
});

test.each([0, -1, 1.5, NaN, 2 ** 53, '1' as unknown as number])('%s is no pid', (pid) => {
  expect(isProcess(pid, () => true)).toBe(false);
});
