import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Message } from 'vscode-languageserver';
import { createLifecycle } from '../../../server/src/lsp/lifecycle.ts';
import { withWholePositions } from '../../../server/src/lsp/wholePositions.ts';
import { runs } from '../../support/runs.ts';

/** What of some messages comes through, by the names of their methods. */
function through(messages: readonly object[]): unknown[] {
  const lifecycle = createLifecycle();
  const passed: unknown[] = [];
  for (const message of messages)
    lifecycle.handleMessage(message as Message, (next) => {
      const { method, params } = next as { method?: string; params?: { code?: number } };
      passed.push(params?.code ?? method ?? 'answer');
    });
  return passed;
}

test('requests come through between initialize and shutdown only; exit and answers always do', () => {
  const request = (method: string) => ({ jsonrpc: '2.0', id: 1, method });
  const notification = (method: string) => ({ jsonrpc: '2.0', method });
  expect(
    through([
      request('a'),
      notification('b'),
      notification('$/setTrace'),
      request('initialize'),
      request('initialize'),
      request('a'),
      notification('b'),
      { jsonrpc: '2.0', id: 1, result: null },
      request('shutdown'),
      request('a'),
      notification('b'),
      request('shutdown'),
      notification('exit'),
    ]),
  ).toEqual([
    -32002, '$/setTrace', 'initialize', -32600, 'a', 'b', 'answer', 'shutdown', -32600, -32600, 'exit',
  ]); // prettier-ignore
});

test('what a client leaves out, or sends as null, is there', () => {
  const passed: unknown[] = [];
  const lifecycle = createLifecycle();
  const send = (method: string, params: unknown, id?: number) =>
    lifecycle.handleMessage({ jsonrpc: '2.0', id, method, params } as Message, (next) =>
      passed.push((next as { params?: unknown }).params),
    );
  send('initialize', { capabilities: null, rootPath: '/a' }, 1);
  send('workspace/didChangeConfiguration', null);
  send('textDocument/hover', undefined, 2);
  const whole = { range: null, text: 'b' };
  const part = { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: 'a' };
  send('textDocument/didChange', { contentChanges: [part, whole] });
  send('shutdown', null, 3);
  expect(passed).toEqual([
    { capabilities: {}, rootPath: '/a' },
    {},
    {},
    { contentChanges: [part, { text: 'b' }] },
    undefined,
  ]);
});

test('positions of requests are whole numbers that are not negative, whatever was sent', () => {
  const isWhole = (n: unknown) => Number.isInteger(n) && Number(n) >= 0 && Number(n) < 2 ** 31;
  const anyPosition = fc.oneof(fc.record({ line: fc.double(), character: fc.anything() }), fc.anything());
  fc.assert(
    fc.property(anyPosition, (sent) => {
      if (sent === undefined) return;
      const { position, range } = withWholePositions({
        position: sent,
        range: { start: sent, end: sent },
      }) as {
        position: { line: unknown; character: unknown };
        range: { start: { line: unknown } };
      };
      expect([position.line, position.character, range.start.line].every(isWhole)).toBe(true);
    }),
    runs(500),
  );
  for (const other of [undefined, null, 1, [], { textDocument: { uri: 'x' } }])
    expect(withWholePositions(other)).toBe(other);
});
