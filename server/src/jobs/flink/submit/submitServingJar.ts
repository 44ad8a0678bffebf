import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  flinkEntryClass,
  type FlinkArchive,
  type FlinkModel,
  type FlinkProgram,
  type FlinkUpload,
} from '../../../../../schemas/flinkJob.ts';
import { ServingError } from '../../../../../schemas/errors.ts';
import type { Starting, StartOptions } from '../../start/starting.ts';
import { readProcessor } from '../cluster/cluster.ts';
import { digestOf, type LocalArchive } from './archives.ts';
import { flinkProgram } from './flinkProgram.ts';
import { flinkSpec } from './flinkSpec.ts';
import { findUpload, removeUpload, runJar, upload } from './jars.ts';
import { explainTrace } from '../cluster/knownTraces.ts';
import { modelOf, openvinoToSend } from '../../modelOf.ts';
import { modelFiles } from './modelSource.ts';
import { FlinkRefusal } from '../cluster/rest.ts';
import { takeBackJob } from '../stopFlinkJobs.ts';
import { modelBytes, readTaskManagerMemory, shortOfMemory, workerBytes } from './workerMemory.ts';

/** Submits our own jar over REST, and with it the model if that lies on this machine. @returns Flink's id of the job
 *  @throws ServingError "flink-jar-refused" */
export async function submitServingJar(
  options: StartOptions,
  parallelism: number,
  { undo, check }: Starting,
): Promise<string> {
  const { state, loaded, programs, onStep, onWarning, signal } = options;
  const { jobName, modelPath, flinkRestUrl: address } = loaded.config;
  if (!existsSync(programs.flinkJar))
    throw new ServingError('flink-missing', `The job for Flink is missing: ${programs.flinkJar}. "npm run build:flink" makes it.`);
  onStep('upload', statSync(programs.flinkJar).size);
  // The jar stays on the cluster for the next start, which finds it by its content.
  const jarId = await place(programs.flinkJar, await digestOf(programs.flinkJar), 'cluster-serving');
  const resolved = await modelOf(loaded);
  const program = await placeProgram(openvinoToSend(loaded, resolved));
  const jobId = randomBytes(16).toString('hex');
  const found = resolved?.found;
  let model: FlinkModel;
  if (found) {
    const files = await modelFiles(found.folder, found);
    const bytes = modelBytes(found.folder, files);
    onStep('upload-model', bytes);
    await checkMemory(bytes);
    model = await ship(found.folder, files);
  } else model = { path: modelPath };
  const spec = await flinkSpec(options, { model, modelType: found?.type, program, jobId, parallelism });
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
    if (!(error instanceof FlinkRefusal)) throw found ? error : readsFirst(modelPath, error);
    throw new ServingError('flink-jar-refused', `Flink could not begin the job. ${explainTrace(error.answer)}`, {
      cause: error,
    });
  }
  // From here on the cluster keeps the model with the job.
  if (found) for (const step of undo.splice(-2, 1)) await step();
  return jobId;

  async function checkMemory(bytes: number): Promise<void> {
    const short = shortOfMemory(await readTaskManagerMemory(address, signal), parallelism, workerBytes(bytes));
    if (short !== undefined) onWarning(short);
  }

  /** Sends a file unless the cluster has it from an earlier start. @returns the cluster's id of it */
  async function place(file: string, sha256: string, name: string, step?: string): Promise<string> {
    const shipped = shippedName(name, sha256);
    const known = await findUpload(address, shipped, signal);
    if (known === undefined && step !== undefined) onStep(step, statSync(file).size);
    const id = known ?? (await upload(address, file, shipped, signal));
    check();
    return id;
  }

  /** @param openvino  the library of this machine, where it is sent */
  async function placeProgram(openvino: string | undefined): Promise<FlinkProgram> {
    const local = await flinkProgram({
      folder: state.flinkProgram,
      workerFolder: programs.flinkWorker,
      processor: await readProcessor(address, signal),
      openvino,
      onPack: () => onStep('pack-program'),
      signal,
    });
    check();
    const placed = async ({ file, sha256, bytes }: LocalArchive, part: string): Promise<FlinkArchive> => {
      const name = `cluster-serving-${part}`;
      await place(file, sha256, name, 'upload-program');
      return { shipped: shippedName(name, sha256), sha256, bytes };
    };
    return {
      node: await placed(local.node, 'node'),
      worker: await placed(local.worker, 'worker'),
      ...(local.runtime ? { runtime: await placed(local.runtime, 'openvino') } : {}),
    };
  }

  /** Sends a model: this start's own, as another that sent the same could remove it. */
  async function ship(folder: string, parts: readonly string[]): Promise<FlinkModel> {
    const ids: string[] = [];
    undo.push(async () => {
      for (const id of ids) await removeUpload(address, id);
    });
    const files: FlinkUpload[] = [];
    for (const file of parts) {
      const shipped = `model-${jobId}-${files.length}.jar`;
      ids.push(await upload(address, join(folder, file), shipped, signal));
      files.push({ shipped, file });
      check();
    }
    return { files };
  }
}

/** A name that distinguishes contents; the cluster takes no other ending. */
function shippedName(name: string, sha256: string): string {
  return `${name}-${sha256.slice(0, 16)}.jar`;
}

/** A cluster that was reached before and answers no more may wait for the file system that it reads the model from. */
function readsFirst(modelPath: string, error: unknown): unknown {
  if (!(error instanceof ServingError)) return error;
  const hint = `The cluster looks for the model before it begins the job: see that what holds ${modelPath} answers the JobManager.`;
  return new ServingError(error.code, `${error.message} ${hint}`, { cause: error });
}
