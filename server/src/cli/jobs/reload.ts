import { ServingError } from '../../../../schemas/errors.ts';
import { percentOf } from '../../../../schemas/percent.ts';
import type { ReloadReport } from '../../../../schemas/jobEvents.ts';
import { reloadJob } from '../../jobs/reload/reloadJob.ts';
import { paint, print, printJson, type ConfigOption, type JsonOption } from '../output.ts';

export async function reload(
  name: string | undefined,
  { config, json }: ConfigOption & JsonOption,
  by: 'command' | 'rollback',
): Promise<number> {
  const { jobName, workers } = await reloadJob({ config, name, by });
  if (json)
    printJson({
      reloaded: workers.map(({ registration: { workerId, host, pid }, report }) => ({
        jobName,
        workerId,
        host,
        pid,
        ...report,
      })),
    });
  else
    for (const { registration, report } of workers.filter(({ report }) => !report.refusal))
      print(`"${jobName}", worker ${registration.pid}@${registration.host}: ${reloadText(report)}`);
  const refused = workers.find(({ report }) => report.refusal)?.report.refusal;
  if (refused) throw new ServingError('reload-refused', `${refused.message} What was served before goes on.`);
  return 0;
}

/** One sentence or more. */
export function reloadText({ state, refusal, changed, compared = 0, difference = 0 }: ReloadReport): string {
  if (state === 'loading') return paint('yellow', 'loads the model that is to be served next.');
  if (refusal) return paint('red', `not reloaded: ${refusal.message} What was served before goes on.`);
  if (changed === 'nothing') return 'nothing has changed.';
  if (changed === 'settings') return 'serves by the new settings; the model is the same.';
  if (compared === 0) return 'serves the new model; no input was there to compare its answers on.';
  const answers = `its answers to the last ${compared} inputs`;
  return difference === 0
    ? `serves the new model; ${answers} are the same as before.`
    : `serves the new model; ${answers} differ by up to ${percentOf(difference)}.`;
}
