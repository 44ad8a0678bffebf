import { ServingError } from '../../../../schemas/errors.ts';
import { percentOf } from '../../../../schemas/percent.ts';
import type { ReloadReport } from '../../../../schemas/jobEvents.ts';
import { reloadJob, type Reloaded } from '../../jobs/reload/reloadJob.ts';
import { paint, print, printJson, type ConfigOption, type JsonOption } from '../output.ts';

export async function reload(
  name: string | undefined,
  { config, json }: ConfigOption & JsonOption,
  by: 'command' | 'rollback',
): Promise<number> {
  printReloads('reloaded', await reloadJob({ config, name, wish: { by } }), json);
  return 0;
}

/** What became of it, by worker.
 *  @param key  of the JSON. @throws ServingError "reload-refused" where a worker has refused it */
export function printReloads(key: string, { jobName, workers }: Reloaded, json: boolean | undefined): void {
  if (json)
    printJson({
      [key]: workers.map(({ registration: { workerId, host, pid }, report }) => ({
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
  const refused = workers.filter(({ report }) => report.refusal);
  const [first] = refused;
  if (!first) return;
  const { pid, host } = first.registration;
  const some =
    workers.length > 1
      ? ` Refused by ${refused.length} of ${workers.length} workers, such as ${pid}@${host}.`
      : '';
  throw new ServingError(
    'reload-refused',
    `${first.report.refusal?.message ?? ''}${some} What was served before goes on.`,
  );
}

/** One sentence or more. */
export function reloadText(report: ReloadReport): string {
  const { state, refusal, changed, compared = 0, difference = 0, by, rollout } = report;
  if (state === 'loading' && by === 'abort') return paint('yellow', 'takes the rollout back.');
  if (state === 'loading') return paint('yellow', 'loads the model that is to be served next.');
  if (refusal) return paint('red', `not reloaded: ${refusal.message} What was served before goes on.`);
  if (by === 'abort') return 'the rollout is taken back: all records are answered as before it.';
  if (by === 'promote') return 'the version that was rolled out answers all records.';
  const differs = compared === 0 ? '' : `; ${answersText(compared, difference)}`;
  if (changed === 'rollout')
    return `${rollout ? `rolls out version ${rollout.version}` : 'has taken the rollout up again'}${differs}.`;
  if (changed === 'nothing') return 'nothing has changed.';
  if (changed === 'settings') return 'serves by the new settings; the model is the same.';
  if (compared === 0) return 'serves the new model; no input was there to compare its answers on.';
  return `serves the new model; ${answersText(compared, difference)}.`;
}

function answersText(compared: number, difference: number | null): string {
  const answers = `its answers to the last ${compared} inputs`;
  return difference === 0
    ? `${answers} are the same as before`
    : `${answers} differ by up to ${percentOf(difference)}`;
}
