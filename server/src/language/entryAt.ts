import type { Entry } from '../config/entries.ts';

/** The innermost entry whose key or value an offset touches. */
export function entryAt(entries: readonly Entry[], offset: number): Entry | undefined {
  for (const entry of entries) {
    const end = Math.max(entry.keyRange.end, entry.value.range.end);
    if (offset < entry.keyRange.start || offset > end) continue;
    const child = entryAt(entry.children, offset);
    if (child) return child;
    // The lines between the keys of a section belong to nothing.
    if (entry.match !== 'section' || offset <= entry.keyRange.end) return entry;
  }
  return undefined;
}
