import type { KeyName } from '../../../schemas/config/configKeys.ts';
import type { Entry } from './entries.ts';

/** Present names count before older names, those before the nested form; among equals the last one, as in the original. */
const rank = { exact: 2, case: 2, 'older-name': 1, nested: 0, section: 0, unknown: 0 } as const;

/** Which entry counts for each key, and which do not. */
export function choose(entries: readonly Entry[]): {
  chosen: Map<KeyName, Entry>;
  outdone: Map<Entry, Entry>;
} {
  const groups = new Map<KeyName, Entry[]>();
  for (const entry of entries.flatMap((top) => [top, ...top.children])) {
    if (!entry.key) continue;
    const group = groups.get(entry.key);
    if (group) group.push(entry);
    else groups.set(entry.key, [entry]);
  }
  const chosen = new Map<KeyName, Entry>();
  const outdone = new Map<Entry, Entry>();
  for (const [key, group] of groups) {
    const winner = group.reduce((best, entry) => (rank[entry.match] >= rank[best.match] ? entry : best));
    chosen.set(key, winner);
    for (const entry of group) if (entry !== winner) outdone.set(entry, winner);
  }
  return { chosen, outdone };
}
