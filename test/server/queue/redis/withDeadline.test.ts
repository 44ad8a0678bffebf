import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { DeadlineError, withDeadline } from '../../../../server/src/queue/redis/withDeadline.ts';

/* Deadlines of 50 ms, so that a test takes no longer. */

const ms = 50;
const never = new Promise<never>(() => undefined);

test('what never comes is given up, by its name and time', async () => {
  await expect(withDeadline(never, ms, 'PING')).rejects.toThrow(DeadlineError);
  await expect(withDeadline(never, ms, 'PING')).rejects.toThrow(`PING: no answer within ${ms} ms`);
});

test('an answer in time is the answer, and a failure the failure', async () => {
  await expect(withDeadline(Promise.resolve('PONG'), 10_000, 'PING')).resolves.toBe('PONG');
  await expect(withDeadline(Promise.reject(new Error('READONLY')), 10_000, 'SET')).rejects.toThrow(
    'READONLY',
  );
});

test('a failure that comes after the deadline harms no one', async () => {
  let fail: (error: Error) => void = () => undefined;
  const late = new Promise<never>((_, reject) => (fail = reject));
  await expect(withDeadline(late, 1, 'PING')).rejects.toThrow(DeadlineError);
  fail(new Error('the connection is closed'));
  await pause(1);
});

/** Holds up this process until the other thread has sent its answer and the time of the deadline is over. */
function holdUp(answered: Int32Array): void {
  const start = performance.now();
  Atomics.wait(answered, 0, 0);
  while (performance.now() - start < 3 * ms);
}

test('an answer that came while this process was busy is read before the deadline is judged', async () => {
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const other = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     parentPort.on('message', () => {
       parentPort.postMessage('PONG');
       Atomics.store(workerData, 0, 1);
       Atomics.notify(workerData, 0);
     });
     parentPort.postMessage('ready');`,
    { eval: true, workerData: answered },
  );
  onTestFinished(async () => {
    await other.terminate();
  });
  await new Promise((resolve) => other.once('message', resolve));
  const answer = new Promise((resolve) => other.once('message', resolve));
  // What is due goes off right behind this phase of the event loop, and what has arrived is read behind that.
  await new Promise(setImmediate);
  const waiting = withDeadline(answer, ms, 'PING');
  other.postMessage('PING');
  holdUp(answered);
  await expect(waiting).resolves.toBe('PONG');
});

test('a process that is busy again and again does not wait for ever', async () => {
  const waiting = withDeadline(never, ms, 'PING');
  const outcome = waiting.catch((error: unknown) => error);
  let isOver = false;
  void outcome.then(() => (isOver = true));
  const busy = () => {
    const start = performance.now();
    while (performance.now() - start < 2 * ms);
    if (!isOver) setImmediate(busy);
  };
  busy();
  expect(await outcome).toBeInstanceOf(DeadlineError);
});
