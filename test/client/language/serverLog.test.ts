import { expect, test } from 'vitest';
import { createLastError } from '../../../client/src/language/serverLog.ts';

test("a server's own error says more than how it ended", () => {
  const last = createLastError();
  expect(last.line).toBeUndefined();
  for (const text of [
    'file:///server.cjs:12',
    '    throw new RangeError("too long");',
    '    ^',
    '',
    'RangeError: too long',
    '    at main (server.cjs:12:7)',
    'Node.js v20.20.2',
    'Server process exited with code 7.',
  ])
    last.see(text);
  expect(last.line).toBe('RangeError: too long');
});

test('without one, how it ended is remembered', () => {
  const last = createLastError();
  last.see('Server process exited with signal SIGKILL.\n');
  expect(last.line).toBe('Server process exited with signal SIGKILL.');
});

test('what could no longer be sent to it does not hide how it ended', () => {
  const last = createLastError();
  last.see('The language server cannot be reached: write EPIPE');
  expect(last.line).toBe('The language server cannot be reached: write EPIPE');
  last.see('Server process exited with signal SIGKILL.');
  last.see('The language server cannot be reached: channel closed');
  expect(last.line).toBe('Server process exited with signal SIGKILL.');
});
