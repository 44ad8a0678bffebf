import { expect, test } from 'vitest';
import { callTool } from '../../../client/src/agents/toolCall.ts';
import type { JsonLine, RunOptions } from '../../../client/src/jobs/cli.ts';

const { signal } = new AbortController();

/** A command line that prints this, and keeps what it was called with. */
function printing(...lines: readonly JsonLine[]) {
  const runs: { readonly args: readonly string[]; readonly options: RunOptions | undefined }[] = [];
  const run = (args: readonly string[], options?: RunOptions) => {
    runs.push({ args, options });
    return Promise.resolve(lines);
  };
  return { run, runs };
}

test('a tool gets what the agent gives, in the folder that is open', async () => {
  const cli = printing({ content: [{ type: 'text', text: 'fine' }] });
  const input = { config: 'a b/config.yaml', lines: 3 };
  expect(await callTool(cli, { tool: 'job_logs', input, folder: '/work', signal })).toBe('fine');
  expect(cli.runs).toEqual([
    { args: ['mcp', '--call', 'job_logs'], options: { input: JSON.stringify(input), cwd: '/work', signal } },
  ]);
});

test('images are left out of the text, and nothing else is', async () => {
  const content = [
    { type: 'text', text: 'one' },
    { type: 'image', data: 'AAAA', mimeType: 'image/png' },
    { type: 'text', text: 'two' },
  ];
  expect(await callTool(printing({ content }), { tool: 'dead_letters', input: {}, signal })).toBe('one\ntwo');
});

test.each([
  [
    'a tool that fails',
    [{ isError: true, content: [{ type: 'text', text: 'no (wrong-use)' }] }],
    'no (wrong-use)',
  ],
  ['a tool that fails without a reason', [{ isError: true, content: [] }], 'doctor gave no result.'],
  ['a program that prints nothing', [], 'doctor gave no result.'],
])('%s is an error that the agent can read', async (_, lines, message) => {
  const call = callTool(printing(...lines), { tool: 'doctor', input: {}, signal });
  await expect(call).rejects.toThrow(new Error(message));
});
