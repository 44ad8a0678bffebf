import { expect, test } from 'vitest';
import type { Cli } from '../../../client/src/jobs/cli.ts';
import { createWatcher, watchCommands } from '../../../client/src/jobs/watcher.ts';

/** A command line in memory, which counts what runs. */
function setUp(paths: readonly string[] = ['a.yaml']) {
  const running = new Set<readonly string[]>();
  const texts: ((text: string) => void)[] = [];
  const ends: ((stderr: string) => void)[] = [];
  let unwatched = 0;
  const cli: Cli = {
    run: () => Promise.resolve([]),
    text: () => Promise.resolve(''),
    stream(args, onText, onEnd) {
      running.add(args);
      texts.push(onText);
      ends.push(onEnd);
      return { stop: () => Promise.resolve(void running.delete(args)) };
    },
  };
  const events: unknown[] = [];
  const watcher = createWatcher({
    cli,
    commands: () => watchCommands(paths, 2_000),
    emit: (event) => events.push(event),
    onUnwatched: () => (unwatched += 1),
    log: () => undefined,
  });
  return { watcher, running, texts, ends, events, unwatched: () => unwatched };
}

test('nothing runs until a view is visible, and nothing once none is', () => {
  const { watcher, running } = setUp();
  watcher.restart();
  expect(running.size).toBe(0);
  watcher.setWanted('tree', true);
  watcher.setWanted('monitor', true);
  expect(running.size).toBe(1);
  watcher.setWanted('tree', false);
  expect(running.size).toBe(1);
  watcher.setWanted('monitor', false);
  expect(running.size).toBe(0);
});

test('each Redis is watched once, also after a restart', () => {
  const { watcher, running } = setUp(['a.yaml', 'b.yaml']);
  watcher.setWanted('tree', true);
  watcher.restart();
  expect([...running].map((args) => args[3])).toEqual(['a.yaml', 'b.yaml']);
});

test('events are passed on, and what is none is not', () => {
  const { watcher, texts, events } = setUp();
  watcher.setWanted('tree', true);
  const event = { event: 'gone', at: 1, jobName: 'a', redis: 'r' };
  for (const text of [JSON.stringify(event), 'a warning', '{"other":1}']) texts[0]?.(text);
  expect(events).toEqual([event]);
});

test('nothing runs after the window has closed', async () => {
  const { watcher, running } = setUp();
  watcher.setWanted('tree', true);
  await watcher.dispose();
  expect(running.size).toBe(0);
});

test('it is said when the watch stops, begins again, or loses a process, and not when there was none', async () => {
  const { watcher, ends, unwatched } = setUp();
  watcher.restart();
  watcher.setWanted('tree', true);
  expect(unwatched()).toBe(0);
  watcher.restart();
  expect(unwatched()).toBe(1);
  ends[1]?.('killed');
  expect(unwatched()).toBe(2);
  watcher.setWanted('tree', false);
  expect(unwatched()).toBe(3);
  await watcher.dispose();
});
