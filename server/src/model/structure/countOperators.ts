import type { ModelStructure } from '../../../../schemas/modelReport.ts';

/** How often each name is there, the most frequent first. */
export function countOperators(names: Iterable<string>): ModelStructure['operators'] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
