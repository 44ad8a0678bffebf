import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { ServingError } from '../../../../../schemas/errors.ts';
import { waitUntil } from '../../machine/processes.ts';
import type { Starting, StartOptions, UserJar } from '../../start/starting.ts';
import { listJobs, cancelJob, endStates } from '../flinkJobs.ts';
import { explainTrace } from '../cluster/knownTraces.ts';
import { findFlink } from '../cluster/localFlink.ts';

const submitMs = 180_000;

/** Submits a user's jar as the original's start command does, only named and detached. @returns Flink's id of the job
 *  @throws ServingError "flink-missing" or "flink-jar-refused" */
export async function submitUserJar(
  { loaded, onStep, signal }: StartOptions,
  jar: UserJar,
  parallelism: number,
  { undo }: Starting,
): Promise<string> {
  const { config, path } = loaded;
  const { host, port } = config.flinkRestUrl;
  const home = findFlink();
  if (home === undefined)
    throw new ServingError(
      'flink-missing',
      '--jar submits with $FLINK_HOME/bin/flink; set FLINK_HOME to the folder of the cluster\'s Flink.',
    );
  const file = resolve(jar.file);
  if (!existsSync(file))
    throw new ServingError('flink-jar-refused', `--jar ${file}: there is no such file. Name the jar.`);
  const address = config.flinkRestUrl;
  const before = new Set((await listJobs(address)).map(({ jobId }) => jobId));
  undo.push(async () => {
    // The submission may have come through although its answer did not.
    for (const job of await listJobs(address))
      if (job.name === config.jobName && !before.has(job.jobId) && !endStates.includes(job.state)) {
        await cancelJob(address, job.jobId);
        const ended = async () =>
          (await listJobs(address)).every(
            ({ jobId, state }) => jobId !== job.jobId || endStates.includes(state),
          );
        await waitUntil(ended, 60_000);
      }
  });
  onStep('submit');
  const args = ['run', '-d', '-t', 'remote', `-Drest.address=${host}`, `-Drest.port=${port}`];
  args.push(`-Dpipeline.name=${config.jobName}`, '-p', String(parallelism), '-c', jar.entryClass);
  args.push(file, '-c', path);
  const { stdout, stderr, exitCode } = await execa(join(home, 'bin', 'flink'), args, {
    reject: false,
    timeout: submitMs,
    cancelSignal: signal,
  });
  const jobId = /Job has been submitted with JobID ([0-9a-f]{32})/.exec(stdout)?.[1];
  if (exitCode === 0 && jobId !== undefined) return jobId;
  throw new ServingError(
    'flink-jar-refused',
    `Flink did not take ${file}: ${explainTrace(`${stdout}\n${stderr}`)}`,
  );
}
