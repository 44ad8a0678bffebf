import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './serving.ts';

const python = join(root, '.cache/frameworks/bin/python');

export function hasFrameworks(): boolean {
  return existsSync(python);
}

/** The Python with PyTorch and the others, which scripts/machine/setup.mjs prepares. */
export function frameworksPython(): string {
  if (!hasFrameworks()) throw new Error('PyTorch is not installed for the tests: run "npm test integration"');
  return python;
}
