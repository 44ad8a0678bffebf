import '../model/silence.ts';
import '../program/noInspector.ts';
import { Socket } from 'node:net';
import { hostname, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { WorkerJob } from '../../../schemas/workerJob.ts';
import { diskFiles } from '../model/recognise/diskFiles.ts';
import { requirePackages } from '../model/python/packages.ts';
import { resolveModel } from '../model/resolveModel.ts';
import { createPipeQueue } from '../queue/pipe/pipeQueue.ts';
import { connectTask, type Task } from '../queue/pipe/task.ts';
import type { RedisAddressText } from '../queue/redis/redisTrouble.ts';
import { createLog, messageText } from './log.ts';
import { onRefused, onTrouble } from './queueLog.ts';
import { runAssignment } from './worker.ts';

// One worker of a job on Flink: a process of its own, started by a task (WorkerProcess.java), which talks to it over two
// descriptors beside the standard ones, since libraries may print.

const input = new Socket({ fd: 3, readable: true, writable: false });
const output = new Socket({ fd: 4, readable: false, writable: true });

/** What the task says first. */
interface Start {
  readonly job: WorkerJob;
  readonly workerId: string;
  readonly modelFolder: string;
  /** Of the libraries that were sent with the job; null without. */
  readonly runtimeFolder: string | null;
  readonly redis: RedisAddressText;
}

/* Payloads are decoded into pooled memory, which comes in pieces of 8 kB by default: a piece for every few records, each
   with its cost in garbage collection. */
Buffer.poolSize = 64 * 1024;

/** The task has gone, and with it every reader of an answer; an exit would wait for a run. */
function leave(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** What is left of the memory of the machine, or of the container. */
function memoryText(): string {
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  const limit = process.constrainedMemory();
  const isLimited = limit > 0 && limit < totalmem();
  return `${megabytes(process.availableMemory())} of memory free${isLimited ? `, in a container of ${megabytes(limit)}` : ''}`;
}

async function serve(task: Task): Promise<void> {
  const { job, workerId, modelFolder, runtimeFolder, redis } = JSON.parse(await task.job) as Start;
  const log = createLog((line) => task.send('log', line.level, messageText(line)));
  log.info(`process ${process.pid} of ${workerId} begins with ${memoryText()}`);
  const model = await resolveModel({
    config: {
      modelPath: modelFolder,
      version: undefined,
      backend: 'flink',
      runtime: job.runtime,
      openvinoPath: runtimeFolder ?? '',
      python: job.python,
      allowPickle: job.allowPickle,
      modelEncrypted: job.modelEncrypted,
    },
    configFolder: dirname(job.configPath),
    files: diskFiles,
    search: { env: process.env, installedIn: modelFolder },
  });
  if (model.runtime === 'python')
    await requirePackages(model.source.type, model.found.file, model.place.place);
  let stop: () => void = () => undefined;
  const queue = createPipeQueue({
    task,
    redis,
    onTrouble: onTrouble(log),
    onRefused: onRefused(log),
    onDrained: () => stop(),
  });
  await runAssignment(
    {
      workerId,
      logFile: '',
      pid: process.pid,
      modelWorkerFile: fileURLToPath(new URL('modelWorker.mjs', import.meta.url)),
      imageWorkerFile: fileURLToPath(new URL('imageWorker.mjs', import.meta.url)),
      log,
      report: (message) => {
        if ('ready' in message) task.send('ready');
      },
      onStoppable: (signals) => {
        ({ stop } = signals);
      },
    },
    { job, backend: 'flink', model, queue, leavesFailure: true },
  );
}

const task = connectTask(input, output, leave);
const failed = (error: unknown) => {
  const code = error instanceof ServingError ? error.code : 'job-failed';
  // What is missing here, the machine that submits may have.
  const place = code === 'runtime-missing' ? `On the TaskManager ${hostname()}: ` : '';
  task.send('failed', `${code}: ${place}${messageOf(error)}`);
  // What was said is sent before the end.
  output.end(() => process.exit(1));
};
process.on('uncaughtException', failed);
serve(task).then(() => output.end(() => process.exit(0)), failed);
