import { describe, expect, test } from 'vitest';
import { ServingError } from '../../../../schemas/errors.ts';
import { withUndo, type UndoStep } from '../../../../server/src/jobs/start/undo.ts';

const { signal } = new AbortController();
const failure = new ServingError('model-missing', 'There is no model.');

/** A start that pushes these steps and then fails, or ends. */
async function start(steps: readonly UndoStep[], end: () => unknown, from = signal) {
  return withUndo(from, async (undo) => {
    undo.push(...steps);
    return await Promise.resolve(end());
  });
}
const fail =
  (error: unknown = failure) =>
  () => {
    throw error;
  };

describe('a start', () => {
  test('that succeeds takes nothing back', async () => {
    const done: string[] = [];
    expect(await start([() => Promise.resolve(done.push('a'))], () => 'started')).toBe('started');
    expect(done).toEqual([]);
  });

  test('that fails takes everything back, the last first, and fails as it did', async () => {
    const done: string[] = [];
    const step = (name: string) => () => Promise.resolve(void done.push(name));
    await expect(start([step('redis'), step('lock'), step('worker')], fail())).rejects.toBe(failure);
    expect(done).toEqual(['worker', 'lock', 'redis']);
  });

  test('that fails within a step of the undo takes the others back all the same, and says what is left', async () => {
    const done: string[] = [];
    const steps: UndoStep[] = [
      () => Promise.resolve(void done.push('redis')),
      () => Promise.reject(new Error('The lock is stuck.')),
      fail(new Error('No such process.')),
      () => Promise.resolve('Its Redis was left: it holds keys of others.'),
    ];
    const error = await start(steps, fail()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'model-missing', cause: failure });
    expect((error as Error).message).toBe(
      'There is no model. Its Redis was left: it holds keys of others. Not all could be taken back: No such process. The lock is stuck.',
    );
    expect(done).toEqual(['redis']);
  });

  test.each([0, true, null, undefined, ['text']])(
    'whose step ends with %j has left nothing',
    async (value) => {
      await expect(start([() => Promise.resolve(value)], fail())).rejects.toBe(failure);
    },
  );

  test('that is cancelled says so, whatever failed because of it', async () => {
    const controller = new AbortController();
    const end = () => {
      controller.abort();
      throw new Error('Connection is closed.');
    };
    await expect(start([], end, controller.signal)).rejects.toMatchObject({
      code: 'job-failed',
      message: expect.stringMatching(/cancelled; nothing was left/) as string,
    });
  });

  test('that is cancelled does not say that nothing was left where something was', async () => {
    const left = () => Promise.resolve('The Redis was left.');
    const error = await start([left], fail(), AbortSignal.abort()).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('The start was cancelled. The Redis was left.');
  });

  test('notices between its steps that it is cancelled', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const started = withUndo(controller.signal, (undo, check) => {
      check();
      undo.push(() => Promise.resolve(void seen.push('undone')));
      controller.abort();
      check();
      return Promise.resolve(seen.push('went on'));
    });
    await expect(started).rejects.toThrow('cancelled');
    expect(seen).toEqual(['undone']);
  });

  test('that fails with what has no code fails as a job does', async () => {
    const error = await start([() => Promise.resolve('left')], fail('a text')).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'job-failed', message: 'a text left' });
  });
});
