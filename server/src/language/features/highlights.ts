import type { Range } from '../../../../schemas/config/problems.ts';
import type { ConfigText } from '../configText.ts';
import { entryAt } from '../entryAt.ts';

/** Everywhere that the key at an offset is set, under any of its names. */
export function highlights({ read }: ConfigText, offset: number): Range[] {
  const here = entryAt(read.entries, offset);
  if (!here) return [];
  const entries = read.entries.flatMap((entry) => [entry, ...entry.children]);
  return entries
    .filter((entry) => entry === here || (here.key !== undefined && entry.key === here.key))
    .map(({ keyRange }) => keyRange);
}
