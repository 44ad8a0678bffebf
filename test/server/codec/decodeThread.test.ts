import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import {
  answerTasks,
  createDecodeThread,
  type DecodeThread,
} from '../../../server/src/codec/decodeThread.ts';

/** A thread that does what a task says. */
const script = `
  import { parentPort } from 'node:worker_threads';
  let held;
  parentPort.on('message', ({ id, task }) => {
    if (task === 'throw') throw new Error('out of memory');
    if (task === 'exit') process.exit(0);
    if (task === 'never') return;
    if (task === 'hold') { held = id; return; }
    if (task === 'refuse') return parentPort.postMessage({ id, message: 'no image', code: 'record-undecodable' });
    if (task === 'fail') return parentPort.postMessage({ id, message: 'a bug' });
    parentPort.postMessage({ id, value: task });
    if (held !== undefined) parentPort.postMessage({ id: held, value: 'held' });
  });`;

const open: DecodeThread<unknown, unknown>[] = [];
function start(workerFile = new URL(`data:text/javascript,${encodeURIComponent(script)}`)) {
  const thread = createDecodeThread<unknown, unknown>({ workerFile, ended: () => new Error('it ended') });
  open.push(thread);
  return thread;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((thread) => thread.close()));
});

describe('a thread for decoding', () => {
  test.each([[0], [null], [''], [undefined], [new Map([['__proto__', 1]])], [[NaN, -0, 2n ** 63n]]])(
    'brings back %o',
    async (value) => expect(await start().ask(value, [])).toEqual(value),
  );

  test('gives each task its own answer, in whatever order they come', async () => {
    const thread = start();
    const order: unknown[] = [];
    const note = (value: unknown) => order.push(value);
    await Promise.all(['hold', 1, 2].map((task) => thread.ask(task, []).then(note)));
    expect(order).toEqual([1, 'held', 2]);
  });

  test('reports what a task was refused for, with its code if it has one', async () => {
    const thread = start();
    const refusal = await thread.ask('refuse', []).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ServingError);
    expect(refusal).toMatchObject({ code: 'record-undecodable', message: 'no image' });
    const failure = await thread.ask('fail', []).catch((error: unknown) => error);
    expect(failure).not.toBeInstanceOf(ServingError);
    expect(failure).toMatchObject({ message: 'a bug' });
    expect(await thread.ask('next', [])).toBe('next');
  });

  test.each(['throw', 'exit'])(
    'that ends by "%s" fails all that it had, and the next task begins another',
    async (end) => {
      const thread = start();
      const outcomes = await Promise.allSettled(['never', end, 'behind'].map((task) => thread.ask(task, [])));
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      expect(await thread.ask('next', [])).toBe('next');
    },
  );

  test('that ends takes no task with it that was asked after its error', async () => {
    const thread = start();
    for (let round = 0; round < 5; round++) {
      // The error comes before the exit: what is asked between them belongs to the next thread.
      const next = await new Promise<Promise<unknown>[]>((resolve) => {
        thread.ask('throw', []).catch(() => resolve([thread.ask(round, []), thread.ask(-round, [])]));
      });
      const [first, second] = next;
      expect([await first, await second]).toEqual([round, -round]);
    }
  });

  test('that cannot start fails its tasks', async () => {
    const thread = start(new URL('data:text/javascript,this is no script'));
    await expect(thread.ask(1, [])).rejects.toThrow('it ended');
  });

  test('that is closed fails what it has, and is closed again without harm', async () => {
    const thread = start();
    const asked = thread.ask('never', []).catch((error: unknown) => error);
    await thread.close();
    expect(await asked).toMatchObject({ message: 'it ended' });
    await thread.close();
  });

  test('that was never asked anything closes at once', async () => {
    await expect(start().close()).resolves.toBeUndefined();
  });

  test('refuses what cannot be sent, and stays as it was', async () => {
    const thread = start();
    await expect(thread.ask(() => 1, [])).rejects.toThrow(/could not be cloned/);
    expect(await thread.ask('next', [])).toBe('next');
  });

  test('moves memory to the thread', async () => {
    const { buffer } = Uint8Array.of(1, 2, 3);
    expect(await start().ask(new Uint8Array(buffer), [buffer])).toEqual(Uint8Array.of(1, 2, 3));
    expect(buffer.byteLength).toBe(0);
  });
});

describe('the side of the thread', () => {
  async function answered(answer: (task: unknown) => unknown, moved: (value: unknown) => ArrayBuffer[]) {
    const { port1, port2 } = new MessageChannel();
    const reply = new Promise<unknown>((resolve) => port1.once('message', resolve));
    answerTasks(port2, answer, moved);
    port1.postMessage({ id: 7, task: 'a task' });
    try {
      return await reply;
    } finally {
      port1.close();
    }
  }

  test('answers with the value and moves its memory', async () => {
    const value = Float64Array.of(1, -0, NaN);
    expect(
      await answered(
        () => value,
        () => [value.buffer],
      ),
    ).toEqual({ id: 7, value: Float64Array.of(1, -0, NaN) });
    expect(value.length).toBe(0);
  });

  test.each<[string, Error | string, object]>([
    [
      'an error with a code',
      new ServingError('input-mismatch', 'a shape'),
      { message: 'a shape', code: 'input-mismatch' },
    ],
    ['an error without one', new RangeError('too long'), { message: 'too long' }],
    ['what is no error', 'just text', { message: 'just text' }],
  ])('reports %s', async (_, thrown, expected) => {
    const reply = await answered(
      () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- libraries do
        throw thrown;
      },
      () => [],
    );
    expect(reply).toEqual({ id: 7, ...expected });
  });

  test('reports a value that cannot be sent, so that its task does not wait for ever', async () => {
    expect(
      await answered(
        () => () => 1,
        () => [],
      ),
    ).toMatchObject({ id: 7, message: expect.stringMatching(/cloned/) as string });
  });
});
