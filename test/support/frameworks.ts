import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './serving.ts';

/** The Python with PyTorch and the others, which scripts/machine/setup.mjs prepares. */
export function frameworksPython(): string {
  const python = join(root, '.cache/frameworks/bin/python');
  if (!existsSync(python))
    throw new Error('PyTorch is not installed for the tests: run "npm test integration"');
  return python;
}
