import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText, expectAnswers } from '../server/language/anyText.ts';
import { startLanguageClient } from '../support/languageClient.ts';

test('four thousand texts break no feature', { timeout: 180_000 }, () => expectAnswers(4_000));

test(
  'a server that sees a thousand texts and large foreign files works in a small heap',
  { timeout: 120_000 },
  async () => {
    const client = await startLanguageClient({ heapMb: 64 });
    const uri = 'file:///nowhere/config.yaml';
    const large = 'items:\n' + '  - name: value\n    modelPath: /m\n'.repeat(150_000);
    await client.open(uri, '');
    for (const [i, text] of fc.sample(anyText, 1000).entries()) {
      await client.change(uri, i % 100 === 99 ? large : text);
      const place = { textDocument: { uri }, position: { line: i % 3, character: i % 7 } };
      await client.connection.sendRequest('textDocument/completion', place);
      await client.connection.sendRequest('textDocument/hover', place);
    }
    await client.change(uri, 'modelPath: /nowhere/at/all\n');
    await client.problems(uri, (all) => all.some(({ code }) => code === 'model-missing'));
    expect(await client.close()).toBe(0);
  },
);
