import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Whole files only: archives get their names when they are done. */
export function shareFiles(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(from))
    if (/\.(?:zip|json)$/.test(name) && !existsSync(join(to, name))) copyFileSync(join(from, name), join(to, name));
}
