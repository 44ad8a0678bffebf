import type { ChangeReport } from '../../../../schemas/redis/queueReports.ts';
import { paint, print, printJson } from '../output.ts';

/** Says what became of each record. @returns the exit code: 1 if one was refused */
export function reportChange(report: ChangeReport, what: string, json: boolean | undefined): number {
  const { done, refused, jobName } = report;
  if (json) printJson(report);
  else {
    const of = refused.length > 0 ? ` of ${done + refused.length}` : '';
    print(`${what} ${done}${of} ${done + refused.length === 1 ? 'record' : 'records'} of "${jobName}".`);
    for (const { id, why } of refused) print(paint('red', `${id}: ${why}`));
  }
  return refused.length > 0 ? 1 : 0;
}
