import { expect, test } from 'vitest';
import { linesOf } from '../../../../server/src/jobs/flink/readJobLog.ts';

const entry = (logger: string, message: string, level = 'INFO ') =>
  `2026-11-22 20:31:05,123 ${level} ${logger.padEnd(60)} [] - ${message}`;

const log = [
  entry('org.apache.flink.runtime.taskexecutor.TaskExecutor', 'Received task cluster-serving.a'),
  entry('cluster-serving.a', 'ready'),
  entry('cluster-serving.a b', 'ready'),
  entry('cluster-serving.a', 'record 1-0 given up', 'ERROR'),
  'java.lang.IllegalStateException: no',
  '\tat servings.flink.Somewhere',
  entry('cluster-serving.a.b', 'ready'),
  '\tat servings.flink.Elsewhere',
].join('\n');

test('of all that a TaskManager logs, a job shows its own entries with their traces', () => {
  expect(linesOf(log, 'a')).toEqual([1, 3, 4, 5].map((i) => log.split('\n')[i]));
});

test('names that look like patterns, and names that begin alike, are distinguished', () => {
  expect(linesOf(log, 'a b')).toEqual([log.split('\n')[2]]);
  expect(linesOf(log, 'a.b')).toHaveLength(2);
  expect(linesOf(log, '(.*)')).toEqual([]);
  expect(linesOf(entry('cluster-serving.ünï (job)', 'ready'), 'ünï (job)')).toHaveLength(1);
});
