import { describe, expect, test } from 'vitest';
import { CancellationTokenSource, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { guarded } from '../../../server/src/lsp/guard.ts';

describe('a request', () => {
  const live = new CancellationTokenSource().token;

  test('that fails is answered with nothing, and logged', async () => {
    const logged: string[] = [];
    const handler = guarded(
      'hover',
      (line) => logged.push(line),
      null,
      () => {
        throw new Error('broken');
      },
    );
    expect(await handler({}, live)).toBeNull();
    expect(logged.join()).toMatch(/hover.*broken/s);
  });

  test('that was cancelled is answered so, before or while it is worked on', async () => {
    const before = new CancellationTokenSource();
    before.cancel();
    let calls = 0;
    const count = () => ++calls;
    const during = new CancellationTokenSource();
    const answers = [
      await guarded('a', () => undefined, 0, count)({}, before.token),
      await guarded(
        'b',
        () => undefined,
        0,
        () => {
          during.cancel();
          return 1;
        },
      )({}, during.token),
    ];
    expect(calls).toBe(0);
    for (const answer of answers) {
      expect(answer).toBeInstanceOf(ResponseError);
      expect((answer as ResponseError).code).toBe(LSPErrorCodes.RequestCancelled);
    }
  });
});
