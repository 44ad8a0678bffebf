import type { Statistics } from '../../../schemas/redis/queueReports.ts';

/** What the numbers of a tensor are like; undefined where none is finite. */
export function statisticsOf(data: Iterable<number> & ArrayLike<number>): Statistics | undefined {
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let finite = 0;
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    finite += 1;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return finite === 0 ? undefined : { min, max, mean: sum / finite, notFinite: data.length - finite };
}
