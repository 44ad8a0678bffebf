import { ServingError } from '../../../../schemas/errors.ts';
import type { ReloadWish, WorkerReport } from '../../../../schemas/jobEvents.ts';
import { percentOf } from '../../../../schemas/percent.ts';
import { agreesWithin, percentOfText, type RolloutReport } from '../../../../schemas/rollout.ts';
import { loadJobAddress } from '../../jobs/loadJobAddress.ts';
import { reloadJob } from '../../jobs/reload/reloadJob.ts';
import { readKnownJobs } from '../../jobs/watch/readKnownJobs.ts';
import { print, printJson, table, type ConfigOption, type JsonOption } from '../output.ts';
import { printErrors } from '../reports.ts';
import { printReloads } from './reload.ts';

export interface RolloutOptions extends ConfigOption, JsonOption {
  readonly to?: number;
  readonly share?: string;
  readonly shadow?: boolean;
  readonly promote?: boolean;
  readonly abort?: boolean;
}

/** Begins or ends a rollout, or shows it. */
export async function rollout(name: string | undefined, options: RolloutOptions): Promise<number> {
  const wish = wishOf(options);
  const { config, json } = options;
  if (!wish) return showRollout(name, options);
  const reloaded = await reloadJob({ config, name, wish });
  printReloads('rollout', reloaded, json);
  if (wish.by === 'promote' && json !== true)
    print(
      'Write the version into the config, too: the next change of the config or of the model counts again. What has changed during the rollout is taken by "cluster-serving reload".',
    );
  return 0;
}

/** @returns undefined where nothing is to be changed. @throws ServingError "wrong-use" */
function wishOf({ to, share, shadow, promote, abort }: RolloutOptions): ReloadWish | undefined {
  const asked = [to !== undefined && '--to', promote && '--promote', abort && '--abort'].filter(Boolean);
  if (asked.length > 1) throw wrongUse(`${asked.join(' and ')} exclude each other.`);
  if (to === undefined && (share !== undefined || shadow === true))
    throw wrongUse('--share and --shadow need --to, the version that is rolled out.');
  if (promote === true) return { by: 'promote' };
  if (abort === true) return { by: 'abort' };
  if (to === undefined) return undefined;
  const percent = percentOfText(share ?? '');
  if (percent === undefined)
    throw wrongUse(
      share === undefined
        ? '--to needs --share, how much the version gets of the records, such as 10%.'
        : `--share takes a percentage above 0 and up to 100, such as 10%, and not "${share}".`,
    );
  return { by: 'rollout', rollout: { version: String(to), percent, isShadow: shadow === true } };
}

function wrongUse(message: string): ServingError {
  return new ServingError('wrong-use', message);
}

async function showRollout(name: string | undefined, { config, json }: RolloutOptions): Promise<number> {
  const jobName = name ?? loadJobAddress(config).jobName;
  const { jobs, errors } = await readKnownJobs(config, jobName);
  const workers = jobs.flatMap((job) => job.workers.filter(({ heartbeat }) => heartbeat));
  if (json === true)
    printJson({
      rollout: workers.map(({ registration: { workerId, host, pid }, heartbeat }) => ({
        ...{ jobName, workerId, host, pid },
        version: heartbeat?.version ?? null,
        rollout: heartbeat?.rollout ?? null,
      })),
    });
  else {
    printErrors(errors);
    if (workers.length === 0) print(`No worker of "${jobName}" answers.`);
    for (const worker of workers) describeWorker(jobName, worker);
  }
  return 0;
}

function describeWorker(jobName: string, { registration, heartbeat }: WorkerReport): void {
  const worker = `"${jobName}", worker ${registration.pid}@${registration.host}`;
  const { rollout: running, version, reload } = heartbeat ?? {};
  if (running) {
    print(`${worker}: ${rolloutText(running)}`);
    for (const line of rolloutTable(running)) print(line);
    return;
  }
  print(
    `${worker}: no rollout; ${version === undefined ? 'the model has no versions' : `version ${version} is served`}.`,
  );
  if (reload?.by === 'rollout' && reload.refusal)
    print(`  The last one was refused: ${reload.refusal.message}`);
}

/** One sentence. */
export function rolloutText({ version, percent, isShadow, served }: RolloutReport): string {
  const old = served.version ?? '';
  return isShadow
    ? `version ${version} is compared with version ${old} on ${percent} % of the records, and answers none.`
    : `version ${version} answers ${percent} % of the records, version ${old} the others.`;
}

/** The figures of both versions side by side, and how their answers agree. */
export function rolloutTable({ served, next, agreement }: RolloutReport): readonly string[] {
  const rows = [served, next].map(({ version = '-', answered, failed, inferenceMs: { p50, p95, p99 } }) => [
    `    ${version}`,
    String(answered),
    String(failed),
    ...[p50, p95, p99].map((ms) => `${ms} ms`),
  ]);
  const lines = table([['    version', 'answered', 'failed', 'inference p50', 'p95', 'p99'], ...rows]);
  return agreement ? [...lines, `    ${agreementText(agreement)}`] : lines;
}

function agreementText({
  compared,
  agreed,
  difference,
  skipped,
}: NonNullable<RolloutReport['agreement']>): string {
  const left = skipped === 0 ? '' : `; ${skipped} were skipped, since the shadow was busy`;
  if (compared === 0) return `No answers were compared yet${left}.`;
  const most = difference === 0 ? '' : `, the largest difference is ${percentOf(difference)}`;
  return `${agreed} of ${compared} answers agree within ${agreesWithin * 100} %${most}${left}.`;
}
