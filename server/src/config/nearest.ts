/** The candidate that a misspelt word most likely means, if any is likely at all.
 *  Case, `_`, `-` and blanks do not count; a word that is part of another is near to it. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  // Longer words are no misspellings, and comparing them would take long.
  if (word.length > 60) return undefined;
  let best: string | undefined;
  let bestLikeness = 0.5;
  for (const candidate of candidates) {
    const likeness = likenessOf(plain(word), plain(candidate));
    if (likeness > bestLikeness) [best, bestLikeness] = [candidate, likeness];
  }
  return best;
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[\s_.-]/g, '');
}

/** From 0 (nothing in common) to 1 (the same). */
function likenessOf(a: string, b: string): number {
  if (a === '' || b === '') return 0;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  const part = short.length >= 4 && long.includes(short) ? 0.6 + (0.4 * short.length) / long.length : 0;
  let prefix = 0;
  while (prefix < short.length && short[prefix] === long[prefix]) prefix++;
  const start = prefix >= 4 ? (0.65 * prefix) / a.length : 0;
  return Math.max(part, start, 1 - editDistance(a, b) / long.length);
}

/** How many single letters to add, drop, change, or swap with their neighbour make one word the other. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const [left, up, corner] = [next[j - 1] ?? 0, row[j] ?? 0, row[j - 1] ?? 0];
      let least = Math.min(left + 1, up + 1, corner + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
