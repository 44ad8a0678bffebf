import { expect, test } from 'vitest';
import { formatLine, readLine } from '../../../server/src/logs/logLine.ts';

const line = { time: '2026-01-02T03:04:05.678Z', level: 'warn', message: 'a\nb' } as const;

test('both formats are read as the same text', () => {
  const text = formatLine(line, 'text').trimEnd();
  expect(text).toBe('2026-01-02T03:04:05.678Z WARN  a\\nb');
  expect(readLine(text).text).toBe(text);
  expect(readLine(formatLine({ ...line, job: 'j', worker: 'w' }, 'json').trimEnd()).text).toBe(text);
});

test('an object passes through as it is, with what others have added', () => {
  const object = { time: line.time, level: 'info', message: 'request', job: 'j', status: 200, route: '/x' };
  const read = readLine(JSON.stringify(object));
  expect(read).toEqual({ object, text: '2026-01-02T03:04:05.678Z INFO  request status=200 route=/x' });
});

test('a trace in an object stands below its line', () => {
  const read = readLine(formatLine({ ...line, stack: 'Error: x\n    at y' }, 'json').trimEnd());
  expect(read.text.split('\n')).toEqual(['2026-01-02T03:04:05.678Z WARN  a\\nb', 'Error: x', '    at y']);
});

test('a line of text becomes an object', () => {
  expect(readLine('2026-01-02T03:04:05.678Z ERROR gone {"a":1}')).toMatchObject({
    object: { time: line.time, level: 'error', message: 'gone {"a":1}' },
  });
});

test.each([
  '',
  '    at file.ts:1:2',
  '{"message":"from a library"}',
  '{"time":"t","level":"loud","message":"m"}',
  '{"time":1,"level":"info","message":"m"}',
  '{not json',
  'INFO no time',
  '[1]',
])('what is no line of a log stays text: %j', (text) => {
  expect(readLine(text)).toEqual({ text });
});
