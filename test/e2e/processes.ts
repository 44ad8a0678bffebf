import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/** What runs on this machine, with arguments.
 *  A small Linux has no program that lists processes, and other systems have no /proc. */
export function commandLines(): readonly string[] {
  if (process.platform !== 'linux')
    return spawnSync('ps', ['-axo', 'args='], { encoding: 'utf8' }).stdout.split('\n');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        // It has ended since.
        return '';
      }
    });
}
