import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { flinkEntryClass, type FlinkModel, type FlinkUpload } from '../../../../schemas/flinkJob.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import type { Starting, StartOptions } from '../starting.ts';
import { externalData } from './externalData.ts';
import { flinkSpec, type PlacedModel } from './flinkSpec.ts';
import { findUpload, removeUpload, runJar, upload } from './jars.ts';
import { explainTrace } from './knownTraces.ts';
import { modelSource } from './modelSource.ts';
import { FlinkRefusal } from './rest.ts';
import { takeBackJob } from './stopFlinkJobs.ts';

/** Submits our own jar over REST, and with it the model if that lies on this machine. @returns Flink's id of the job
 *  @throws ServingError "flink-jar-refused" */
export async function submitOwnJar(
  options: StartOptions,
  parallelism: number,
  { undo, check }: Starting,
): Promise<string> {
  const { loaded, flink, onStep, signal } = options;
  const { jobName, flinkRestUrl: address } = loaded.config;
  if (!existsSync(flink.jarFile))
    throw new ServingError('flink-missing', `The job for Flink is missing: ${flink.jarFile}. "npm run build:flink" makes it.`);
  onStep('upload');
  // The jar stays on the cluster for the next start, which finds it by its content.
  const jarName = `cluster-serving-${(await digestOf(flink.jarFile)).slice(0, 16)}.jar`;
  const jarId =
    (await findUpload(address, jarName, signal)) ?? (await upload(address, flink.jarFile, jarName, signal));
  check();
  const jobId = randomBytes(16).toString('hex');
  const source = await modelSource(loaded);
  let model: PlacedModel = source;
  if (source.kind === 'local') {
    onStep('upload-model');
    model = { kind: 'shipped', model: await ship(source.file) };
  }
  const spec = await flinkSpec(options, model, jobId, parallelism);
  check();
  onStep('submit');
  undo.push(() => takeBackJob(address, jobId, jobName));
  try {
    // Not given the signal: what has reached the cluster goes on there, and is taken back by its id.
    await runJar(address, {
      uploadId: jarId,
      jobId,
      jobName,
      entryClass: flinkEntryClass,
      parallelism,
      args: [Buffer.from(JSON.stringify(spec)).toString('base64url')],
    });
  } catch (error) {
    if (!(error instanceof FlinkRefusal)) throw source.kind === 'remote' ? readsFirst(source.path, error) : error;
    throw new ServingError('flink-jar-refused', `Flink could not begin the job. ${explainTrace(error.answer)}`, {
      cause: error,
    });
  }
  // From here on the cluster keeps the model with the job.
  if (model.kind === 'shipped') for (const step of undo.splice(-2, 1)) await step();
  return jobId;

  /** Sends a model and the files that it keeps weights in. */
  async function ship(file: string): Promise<FlinkModel> {
    const ids: string[] = [];
    undo.push(async () => {
      for (const id of ids) await removeUpload(address, id);
    });
    const files: FlinkUpload[] = [];
    for (const part of [basename(file), ...(await externalData(file))]) {
      // Of this start only: another that shipped the same model could remove it under our feet.
      const shipped = `model-${jobId}-${files.length}.jar`;
      ids.push(await upload(address, join(dirname(file), part), shipped, signal));
      files.push({ shipped, file: part });
      check();
    }
    return { files };
  }
}

/** A cluster that was reached before and answers no more may wait for the file system that it reads the model from. */
function readsFirst(modelPath: string, error: unknown): unknown {
  if (!(error instanceof ServingError)) return error;
  const hint = `The cluster looks for the model before it begins the job: see that what holds ${modelPath} answers the JobManager.`;
  return new ServingError(error.code, `${error.message} ${hint}`, { cause: error });
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
