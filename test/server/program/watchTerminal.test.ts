import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { watchTerminal } from '../../../server/src/program/watchTerminal.ts';

test('a terminal that can be opened no more is lost; one that never was is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'terminal-'));
  const terminal = join(folder, 'tty');
  writeFileSync(terminal, '');
  const isLost = watchTerminal(terminal);
  const wasNone = watchTerminal(join(folder, 'none'));
  expect([isLost(), wasNone()]).toEqual([false, false]);
  rmSync(folder, { recursive: true });
  expect([isLost(), wasNone()]).toEqual([true, false]);
});
