import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { root } from '../support/serving.ts';

/** A short round of a benchmark. @returns what it printed, with what it has complained of */
async function shortRound(name: string): Promise<string> {
  const { all, exitCode } = await execa(
    process.execPath,
    [join(root, 'scripts', 'bench.mjs'), name, '--short'],
    { all: true, reject: false },
  );
  expect(exitCode, all).toBe(0);
  return all;
}

// By a figure that only its last part prints. That of the extension needs an editor, and runs by hand.
test.each([
  ['engine', '… Redis memory after all is answered and read'],
  ['scaling', '4 Redis:'],
  ['http', 'twice the rate: p99 of the refused'],
  ['lsp', 'a short round of 7 figures'],
  ['python', 'TorchScript: '],
  ['kafka', 'a short round of'],
  ['flink', "the job's jar"],
])('the benchmark of %s runs from its beginning to its end', async (name, last) => {
  expect(await shortRound(name)).toContain(last);
});
