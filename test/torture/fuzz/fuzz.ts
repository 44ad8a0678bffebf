/** What damaged input has done. */
export interface FuzzReport {
  readonly count: number;
  /** By what became of it, such as "answered" or "400". */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly slowestMs: number;
  /** Crashes, hangs and wrong answers, each with the input that led to it. */
  readonly found: readonly string[];
}

export interface FuzzOptions {
  readonly seed: number;
  readonly count: number;
}

/** Nothing may take longer, on a machine that has time. */
export const hangMs = 1_000;

/** A machine that was busy with something else is no hang: what was slow once is tried by itself.
 *  @param attempt  @returns how long it took, in ms
 *  @returns the shortest time */
export async function shortestOf(attempt: () => Promise<number>, times = 3): Promise<number> {
  let shortest = Infinity;
  for (let i = 0; i < times && shortest > hangMs; i++) shortest = Math.min(shortest, await attempt());
  return shortest;
}

export function fuzzLine(kind: string, { count, outcomes, slowestMs, found }: FuzzReport): string {
  const parts = [...outcomes].sort(([a], [b]) => a.localeCompare(b)).map(([what, n]) => `${n} ${what}`);
  return `${count} damaged ${kind}: ${parts.join(', ')}; slowest ${slowestMs.toFixed(0)} ms; ${found.length} found`;
}
