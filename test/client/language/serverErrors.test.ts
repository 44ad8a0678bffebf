import { expect, test } from 'vitest';
import type { ErrorHandler } from 'vscode-languageclient';
import { restartsOnly } from '../../../client/src/language/serverErrors.ts';

/** As the library's own: it gives up at the fourth message that is lost, and at the third end. */
function library(): ErrorHandler {
  let ends = 0;
  const handler = {
    error: (_error: Error, _message: unknown, count?: number) => ({
      action: count !== undefined && count <= 3 ? 'go on' : 'shut down',
    }),
    closed: () => ({ action: (ends += 1) < 3 ? 'restart' : 'do not restart' }),
  };
  // The enums of the actions lie in a module that needs an editor.
  return handler as unknown as ErrorHandler;
}

test('however many messages do not reach a server, its client goes on and shows no pop-up', async () => {
  const handler = restartsOnly(library);
  for (const count of [undefined, 1, 3, 4, 5, 1_000])
    expect(await handler.error(new Error('write EPIPE'), undefined, count)).toEqual({
      action: 'go on',
      message: 'The language server cannot be reached: write EPIPE',
      handled: true,
    });
});

test('how often a server that ends is started again is left to the library, which counts over all ends', async () => {
  let made = 0;
  const handler = restartsOnly(() => {
    made += 1;
    return library();
  });
  // It is made late: the client that it belongs to does not exist yet.
  expect(made).toBe(0);
  const actions: unknown[] = [];
  for (let end = 0; end < 4; end += 1) actions.push((await handler.closed()).action);
  expect(actions).toEqual(['restart', 'restart', 'do not restart', 'do not restart']);
  expect(made).toBe(1);
});
