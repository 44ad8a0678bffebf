import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scripts } from '../../server/src/queue/scripts/scripts.ts';
import { openWire, steps, type Step, type Wire } from './wire.ts';

/* Both ends of the wire are in the test's hand: what Redis would get, and what a worker would. */

let redis: Server;
let wire: Wire;
let worker: Socket;
let redisEnd: Socket;
let atRedis = '';
let atWorker = '';

const listening = () => {
  const address = redis.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
};
beforeEach(async () => {
  atRedis = atWorker = '';
  const accepted = new Promise<Socket>((resolve) => {
    redis = createServer(resolve);
  });
  await new Promise<void>((resolve) => redis.listen(0, '127.0.0.1', resolve));
  wire = await openWire(listening());
  worker = connect(wire.port, '127.0.0.1');
  redisEnd = await accepted;
  redisEnd.on('data', (chunk) => (atRedis += chunk.toString())).on('error', () => undefined);
  worker.on('data', (chunk) => (atWorker += chunk.toString())).on('error', () => undefined);
});
afterEach(async () => {
  worker.destroy();
  await wire.close();
  await new Promise((resolve) => redis.close(resolve));
});

const take = '*11\r\n$10\r\nXREADGROUP\r\n';
const entries = '*1\r\n*2\r\n';
const note = (ids: string) => `$40\r\n${scripts.noteRunning.sha}\r\n$${ids.length}\r\n${ids}\r\n`;
const finish = `$40\r\n${scripts.finish.sha}\r\n`;
const done = ':1\r\n';

/** Sends all of a record's way until the step; resolves with what both ends got when the step was seen. */
async function until(step: Step): Promise<{ readonly atRedis: string; readonly atWorker: string }> {
  const seen = new Promise<void>((resolve) => wire.at(step, resolve));
  let wasSeen = false;
  const isOver = () => wasSeen;
  void seen.then(() => (wasSeen = true));
  // What comes after the step is not sent.
  const passes = async (from: Socket, text: string, what: () => string) => {
    if (isOver()) return;
    const before = what().length;
    from.write(text);
    while (!isOver() && what().length === before) await new Promise((resolve) => setImmediate(resolve));
  };
  await passes(worker, note(''), () => atRedis);
  await passes(redisEnd, done, () => atWorker);
  await passes(worker, take, () => atRedis);
  await passes(redisEnd, '*-1\r\n', () => atWorker);
  await passes(worker, take, () => atRedis);
  await passes(redisEnd, entries, () => atWorker);
  await passes(worker, note('1-0'), () => atRedis);
  await passes(redisEnd, done, () => atWorker);
  await passes(worker, finish, () => atRedis);
  await passes(redisEnd, done, () => atWorker);
  await seen;
  return { atRedis, atWorker };
}

test.each(steps)('a worker is seen at the step “%s”, and not before', async (step) => {
  const got = await until(step);
  const knows = steps.indexOf(step);
  expect(got.atRedis.includes(scripts.finish.sha)).toBe(step === 'written');
  expect(got.atRedis.includes('1-0') || knows < 1 || step === 'decoded').toBe(true);
  // What Redis said of the written results did not come through.
  expect(got.atWorker.split(done).length - 1).toBe(step === 'inferred' || step === 'written' ? 2 : 1);
});

test('a black hole passes nothing on, and a reset cuts both ends', async () => {
  wire.blackHole(true);
  worker.write('lost');
  wire.blackHole(false);
  const closed = new Promise((resolve) => worker.once('close', resolve));
  wire.reset();
  await closed;
  expect(atRedis).toBe('');
});
