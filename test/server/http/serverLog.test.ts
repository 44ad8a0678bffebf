import { expect, test } from 'vitest';
import type { LogFormat } from '../../../schemas/logs.ts';
import { createServerLog } from '../../../server/src/http/setup/serverLog.ts';

function logIn(format: LogFormat) {
  let text = '';
  const output = { write: (lines: string) => void (text += lines), flush: () => undefined };
  return { ...createServerLog(output, format, 'digits'), lines: () => text.trimEnd().split('\n') };
}
const request = '{"time":"2026-01-02T03:04:05.678Z","level":"info","message":"request","status":200}\n';
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('a frontend logs objects with the names that all logs have', async () => {
  const { log, writeLine, lines } = logIn('json');
  log.warn({ requestId: 'r' }, 'a\n\u202eb');
  writeLine(request);
  writeLine(request);
  await nextTurn();
  const [first, ...others] = lines();
  expect(first).not.toMatch(/\p{Bidi_Control}/u);
  expect(JSON.parse(first ?? '')).toEqual({
    time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    level: 'warn',
    job: 'digits',
    requestId: 'r',
    message: 'a\n\u202eb',
  });
  expect(others.map((line) => `${line}\n`)).toEqual([request, request]);
});

test('or text for people', async () => {
  const { log, writeLine, lines } = logIn('text');
  log.info('listening on http://127.0.0.1:1');
  writeLine(request);
  await nextTurn();
  expect(lines()).toEqual([
    expect.stringMatching(/Z INFO {2}listening on http:\/\/127\.0\.0\.1:1$/),
    '2026-01-02T03:04:05.678Z INFO  request status=200',
  ]);
});
