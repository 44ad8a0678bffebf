import type { ProblemCode, Range } from '../../../schemas/config/problems.ts';
import type { ReadConfig } from './readConfig.ts';

/** Values that are taken though a problem with them is an error. */
const taken: ReadonlySet<ProblemCode> = new Set(['not-supported-yet', 'bad-job-name']);

/** Whether the value in this range was not taken, so that the default counts; a warning means that it was. */
export function isRefused({ problems }: Pick<ReadConfig, 'problems'>, { start, end }: Range): boolean {
  return problems.some(
    ({ severity, code, range }) =>
      severity === 'error' &&
      !taken.has(code) &&
      range.start >= start &&
      range.end <= end &&
      range.end > start,
  );
}
