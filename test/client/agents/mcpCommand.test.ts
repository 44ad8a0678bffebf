import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mcpCommand } from '../../../client/src/agents/mcpCommand.ts';

test("the editor starts the server for agents with the extension's own node, and needs none beside it", () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp command-'));
  try {
    const program = join(folder, 'cli.mjs');
    writeFileSync(program, 'console.log(JSON.stringify([process.argv.slice(2), process.env]))');
    const { command, args, env } = mcpCommand(program);
    const { stdout } = spawnSync(command, args, { env, encoding: 'utf8' });
    expect(JSON.parse(stdout)).toMatchObject([['mcp'], { ELECTRON_RUN_AS_NODE: '1' }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
