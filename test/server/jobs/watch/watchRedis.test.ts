import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { pause } from '../../../../server/src/jobs/watch/watchRedis.ts';

const hour = 3_600_000;

test('a pause ends when it is aborted, and at once if it was aborted before it began', async () => {
  const controller = new AbortController();
  const paused = pause(hour, controller.signal);
  controller.abort();
  await paused;
  await pause(hour, controller.signal);
});

test('a pause ends by itself, and leaves no listener at its signal', async () => {
  const { signal } = new AbortController();
  const paused = pause(1, signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  await paused;
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
