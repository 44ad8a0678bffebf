import { expect, test } from 'vitest';
import { shortOfMemory, workerBytes } from '../../../../../server/src/jobs/flink/submit/workerMemory.ts';

const taskManager = { id: 'tm-1', freeSlots: 4, physical: 4e9, java: 1.7e9 };

test('a machine with room for the workers beside Java is not remarked upon', () => {
  expect(shortOfMemory([taskManager], 4, workerBytes(20e6))).toBeUndefined();
});

test('a container that Java fills leaves no room for a worker, which is said with figures and keys', () => {
  const text = shortOfMemory([taskManager, { ...taskManager, id: 'tm-2', physical: 1.8e9 }], 2, workerBytes(100e6));
  expect(text).toContain('tm-2');
  expect(text).toContain('1800 MB');
  expect(text).toContain('400 MB');
  expect(text).toContain('taskmanager.memory.process.size');
});

test('no more workers are reckoned with than a TaskManager has free slots', () => {
  const small = { ...taskManager, physical: 2.2e9 };
  expect(shortOfMemory([{ ...small, freeSlots: 1 }], 4, workerBytes(0))).toBeUndefined();
  expect(shortOfMemory([small], 4, workerBytes(0))).toContain('Up to 4 workers');
});

test('a cluster that does not say its memory is not judged', () => {
  expect(shortOfMemory([{ ...taskManager, physical: 0 }], 4, workerBytes(1e9))).toBeUndefined();
});
