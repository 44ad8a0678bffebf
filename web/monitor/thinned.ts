import type { Point } from './point.ts';

/** What the longest range shows. */
export const longestMs = 60 * 60_000;

/** Points that are older are kept in steps: an hour of every second would be more than a chart has pixels. */
const tiers = [
  { olderThanMs: 15 * 60_000, stepMs: 30_000 },
  { olderThanMs: 2 * 60_000, stepMs: 5_000 },
] as const;

/** The points of the last hour, old ones put together, without losing an error or a peak.
 *  @param points  the oldest first */
export function thinned(points: readonly Point[], now: number): readonly Point[] {
  const kept: Point[] = [];
  let lastStep = '';
  for (const point of points) {
    const age = now - point.at;
    if (age > longestMs) continue;
    const stepMs = tiers.find(({ olderThanMs }) => age > olderThanMs)?.stepMs;
    const step = stepMs === undefined ? '' : `${stepMs}:${Math.floor(point.at / stepMs)}`;
    const last = kept.at(-1);
    if (last && step !== '' && step === lastStep) kept[kept.length - 1] = together(last, point);
    else kept.push(point);
    lastStep = step;
  }
  return kept;
}

/** Rates and medians become their mean, errors their sum; of what shows trouble by its height, the highest counts. */
function together(a: Point, b: Point): Point {
  const [m, n] = [a.moments ?? 1, b.moments ?? 1];
  const mean = (of: (point: Point) => number) => (of(a) * m + of(b) * n) / (m + n);
  const most = (of: (point: Point) => number) => Math.max(of(a), of(b));
  return {
    ...b,
    moments: m + n,
    perSecond: mean(({ perSecond }) => perSecond),
    p50: mean(({ p50 }) => p50),
    p99: most(({ p99 }) => p99),
    backlog: most(({ backlog }) => backlog),
    newErrors: a.newErrors + b.newErrors,
    ...(a.stages && b.stages
      ? {
          stages: {
            queueWait: most(({ stages }) => stages?.queueWait ?? 0),
            decode: most(({ stages }) => stages?.decode ?? 0),
            inference: most(({ stages }) => stages?.inference ?? 0),
            write: most(({ stages }) => stages?.write ?? 0),
          },
        }
      : {}),
    ...(a.batch && b.batch
      ? { batch: { mean: mean(({ batch }) => batch?.mean ?? 0), max: most(({ batch }) => batch?.max ?? 0) } }
      : {}),
  };
}
