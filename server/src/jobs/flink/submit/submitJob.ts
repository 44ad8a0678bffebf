import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { ServingError } from '../../../../../schemas/errors.ts';
import { flinkWorkerPrefix } from '../../../../../schemas/flinkJob.ts';
import type { FlinkJobRecord, FlinkReport, JobReport, WorkerReport } from '../../../../../schemas/jobEvents.ts';
import { startLimits } from '../../../../../schemas/startLimits.ts';
import { storeText } from '../../../queue/storeAddress.ts';
import { configDigest } from '../../../queue/registry/workerRegistry.ts';
import type { StartedWorkers } from '../../backend.ts';
import type { StartedJob, Starting, StartOptions } from '../../start/starting.ts';
import { addFlinkState, flinkAddress } from '../cluster/flinkStates.ts';
import { readJob } from '../flinkJobs.ts';
import { explainTrace } from '../cluster/knownTraces.ts';
import { flinkText } from '../cluster/rest.ts';
import { takeBackJob } from '../stopFlinkJobs.ts';
import { submitServingJar } from './submitServingJar.ts';
import { submitUserJar } from './submitUserJar.ts';

/** Submits a job to its cluster and waits until its workers have warmed their models.
 *  @throws ServingError "flink-…", or "job-failed" with what the cluster says of its failure */
export async function submitJob(
  options: StartOptions,
  starting: Starting,
  parallelism: number,
): Promise<StartedWorkers> {
  const { loaded, flink, state, onStep, onWarning, onNeeds, waits } = options;
  const { store, undo, check } = starting;
  const { registry } = store;
  const { config } = loaded;
  const jobId = flink.jar
    ? await submitUserJar(options, flink.jar, parallelism, starting)
    : await submitServingJar(options, parallelism, starting);
  const record: FlinkJobRecord = {
    jobId,
    jobName: config.jobName,
    flinkRestUrl: flinkText(config.flinkRestUrl),
    parallelism,
    configPath: loaded.path,
    configDigest: configDigest(config),
    host: hostname(),
    startedAt: Date.now(),
    ...(flink.jar ? { jar: flink.jar.file } : {}),
  };
  undo.push(async () => {
    await takeBackJob(config.flinkRestUrl, jobId, config.jobName);
    for (const { registration } of workersOf(await reportOfJob(options, starting), jobId))
      await registry.unregister(registration.workerId);
    await registry.forgetFlinkJob(jobId);
    state.forgetFlinkJob(jobId);
  });
  await registry.saveFlinkJob(record);
  try {
    state.saveFlinkJob({ ...record, redis: config.redisUrl });
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    onWarning(error.message);
  }
  check();
  onStep('model');
  const workers = await warmWorkers();
  return { workers, ended: Promise.resolve(0), flinkJob: record };

  async function warmWorkers(): Promise<StartedJob['workers']> {
    let end = Date.now() + startLimits.readyMs;
    let said: string | undefined;
    let slow = 0;
    for (;;) {
      check();
      const report = await reportOfJob(options, starting);
      const workers = workersOf(report, jobId);
      const needs = report?.needs;
      if (needs && !waits) throw new ServingError(needs.code, needs.message);
      if (needs && needs.message !== said) onNeeds(needs);
      if (said !== undefined && !needs) onStep('model');
      said = needs?.message;
      // There is no limit to how long a secret may take.
      if (needs) end = Date.now() + startLimits.readyMs;
      const ready = workers.filter(({ heartbeat }) => heartbeat && heartbeat.state !== 'starting');
      if (!flink.jar && ready.length >= parallelism) return ready.map(({ registration }) => registration);
      const failed = workers.find(({ registration }) => registration.failure !== undefined)?.registration;
      if (failed?.failure !== undefined) throw new ServingError('job-failed', explainTrace(failed.failure));
      // Flink is asked less often than Redis, since its answers are dearer.
      if (slow++ % 5 === 0) {
        const [flinkJob] = await stateOf(report);
        if (flinkJob) requireLife(flinkJob);
        if (flink.jar && (await readJob(flinkAddress(record.flinkRestUrl), jobId))?.allRun) return [];
      }
      if (Date.now() > end)
        throw new ServingError(
          'job-failed',
          `The job was not ready within ${startLimits.readyMs / 1000} s: ${ready.length} of ${parallelism} copies of the model answer. See http://${record.flinkRestUrl}/#/job/running/${jobId}/overview`,
        );
      await pause(100);
    }
  }

  async function stateOf(report: JobReport | undefined): Promise<readonly FlinkReport[]> {
    const submitted = report?.flinkJobs?.filter((job) => job.jobId === jobId) ?? [];
    const merged = report && (await addFlinkState({ ...report, flinkJobs: submitted }));
    return merged?.flinkJobs ?? [];
  }
}

/** A job that fails while it starts is not left to be restarted again and again. */
function requireLife({ state, failure }: FlinkReport): void {
  if (state === 'CANCELED' || state === 'FINISHED')
    throw new ServingError('job-failed', 'The job was cancelled in Flink while it started.');
  if (['FAILED', 'FAILING', 'RESTARTING', 'unknown'].includes(state))
    throw new ServingError('job-failed', failure ?? `Flink says ${state}.`);
}

async function reportOfJob({ loaded }: StartOptions, { store, address }: Starting): Promise<JobReport | undefined> {
  const reports = await store.registry.readJobReports(storeText(address), () => false);
  return reports.find(({ jobName }) => jobName === loaded.config.jobName);
}

function workersOf(report: JobReport | undefined, jobId: string): readonly WorkerReport[] {
  const prefix = flinkWorkerPrefix(jobId);
  return report?.workers.filter(({ registration }) => registration.workerId.startsWith(prefix)) ?? [];
}
