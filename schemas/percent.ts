/** How far answers differ, in words. @param difference  by the largest number of an answer; null has no limit */
export function percentOf(difference: number | null): string {
  if (difference === null || !Number.isFinite(difference)) return 'more than can be said in figures';
  return `${Number((difference * 100).toPrecision(2))} % of the largest number of an answer`;
}
