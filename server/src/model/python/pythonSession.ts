import { ServingError } from '../../../../schemas/errors.ts';
import { startLimits } from '../../../../schemas/startLimits.ts';
import type { ModelTensor } from '../model.ts';
import type { ModelSignature, Session, SessionHost, SessionOptions } from '../session.ts';
import { encodeFrame, type Frame } from './frames.ts';
import { missingText } from './missingText.ts';
import { startPython, type PythonProcess } from './pythonProcess.ts';

/** A run that has not been answered; it is kept, since the process may die. */
interface Waiting {
  readonly frame: readonly Uint8Array[];
  readonly resolve: (outputs: ModelTensor[]) => void;
  readonly reject: (error: Error) => void;
}

/** How often in a row a process that has died is started in vain before the model counts as lost, and the time between. */
const maxStarts = 3;
const pauseMs = 1_000;

/** Loads a model into a process of Python. A process that dies, or does not answer a run in time, is started again: the run
 *  that it had fails with "model-process-died", and those that waited behind it are sent to the next process.
 *  @throws ServingError "model-load-failed", "model-unsupported" or "runtime-missing" */
export async function openPythonSession(options: SessionOptions, host: SessionHost): Promise<Session> {
  const { source, runTimeoutMs } = options;
  /** In the order in which they were sent. */
  let waiting: Waiting[] = [];
  let life: Life | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** Of the process: whether it has answered a run. One that dies idle is started again for the next run only. */
  let hasAnswered = false;
  let hungMs: number | undefined;
  let starting: Promise<void> | undefined;
  let lost: ServingError | undefined;
  let isClosed = false;
  const ending = new AbortController();
  const begin = () => startLife(options, { ...host, signal: ending.signal }, answer, died);

  function watchFirst(): void {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0 || !life) return;
    timer = setTimeout(() => {
      hungMs = runTimeoutMs;
      life?.process.kill();
    }, runTimeoutMs);
  }

  function sendAll(): void {
    for (const { frame } of waiting) life?.process.send(frame);
    watchFirst();
  }

  function answer({ header, tensors }: Frame): void {
    const first = waiting.shift();
    hasAnswered = true;
    watchFirst();
    if (!first) return;
    if (typeof header.error === 'string')
      first.reject(new ServingError('model-run-failed', `The model failed: ${header.error}`));
    else first.resolve([...tensors]);
  }

  function died(how: string): void {
    life = undefined;
    clearTimeout(timer);
    if (isClosed) return;
    const why = hungMs === undefined ? how : `did not answer within ${hungMs} ms and was ended`;
    hungMs = undefined;
    const first = waiting.shift();
    host.onPrint(`the process ${why}${first ? ', with a run under way' : ''}; it is started again`, true);
    first?.reject(new ServingError('model-process-died', `The process of the model ${why}.`));
    if (first || waiting.length > 0 || hasAnswered) startAgain();
  }

  function startAgain(): void {
    hasAnswered = false;
    starting ??= restart().finally(() => {
      starting = undefined;
    });
  }

  async function restart(): Promise<void> {
    for (let starts = 1; !isClosed; starts++) {
      try {
        life = await begin();
        sendAll();
        return;
      } catch (error) {
        if (starts === maxStarts) {
          lose(error as ServingError);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  /** No record is to blame: what waited is left to another worker. */
  function lose(error: ServingError): void {
    lost = new ServingError('model-load-failed', `The model could not be loaded again: ${error.message}`);
    for (const { reject } of waiting) reject(lost);
    waiting = [];
    host.onDeath(lost);
  }

  host.signal.addEventListener('abort', () => ending.abort());
  life = await begin();
  const { inputs, outputs, labels, notes } = life.signature;
  return {
    inputs,
    outputs,
    labels,
    notes: [...notes, ...(source.isPickle ? [`${source.file} is a pickle: the code in it was run`] : [])],
    run(feeds) {
      if (lost) return Promise.reject(lost);
      return new Promise((resolve, reject) => {
        const frame = encodeFrame({}, feeds);
        waiting.push({ frame, resolve, reject });
        if (life) {
          life.process.send(frame);
          if (waiting.length === 1) watchFirst();
        } else if (!starting) startAgain();
      });
    },
    async release() {
      isClosed = true;
      ending.abort();
      clearTimeout(timer);
      await life?.process.close();
      await starting;
    },
  };
}

/** A process that has loaded its model. */
interface Life {
  readonly process: PythonProcess;
  readonly signature: ModelSignature;
}

/** @throws ServingError where the model could not be loaded; then the process has gone */
function startLife(
  { source, threads, place, allowPickle }: SessionOptions,
  { onPrint, signal }: SessionHost,
  onAnswer: (frame: Frame) => void,
  onDeath: (how: string) => void,
): Promise<Life> {
  return new Promise((resolve, reject) => {
    let isLoaded = false;
    const fail = (error: ServingError) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      reject(error);
      void child.close();
    };
    const timer = setTimeout(() => {
      fail(notLoaded(source.file, `it was not loaded within ${startLimits.readyMs / 1000} s`));
    }, startLimits.readyMs);
    const child = startPython({
      python: place,
      threads,
      onPrint,
      onFrame(frame) {
        const { loaded, failed } = frame.header as LoadReply;
        if (isLoaded) onAnswer(frame);
        else if (loaded) {
          isLoaded = true;
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          resolve({
            process: child,
            signature: { ...loaded, labels: new Map(Object.entries(loaded.labels)) },
          });
        } else fail(errorOf(source.file, place, failed ?? {}));
      },
      onEnd(how) {
        if (isLoaded) onDeath(how);
        else fail(notLoaded(source.file, `its process ${how}`));
      },
    });
    const abort = () => fail(notLoaded(source.file, 'the start was given up'));
    signal.addEventListener('abort', abort);
    const { type, file, isPickle = false } = source;
    child.send(encodeFrame({ load: { type, file, isPickle, allowPickle, threads } }));
  });
}

interface LoadReply {
  readonly loaded?: Omit<ModelSignature, 'labels'> & {
    readonly labels: Readonly<Record<string, readonly string[]>>;
  };
  readonly failed?: LoadFailure;
}

/** Why Python did not load a model; one of these. */
interface LoadFailure {
  readonly missing?: string;
  readonly refused?: string;
  readonly error?: string;
}

function errorOf(file: string, python: string, { missing, refused, error }: LoadFailure): ServingError {
  if (missing !== undefined) return new ServingError('runtime-missing', missingText(file, python, [missing]));
  if (refused !== undefined) return new ServingError('model-unsupported', `${file} ${refused}.`);
  return notLoaded(file, error ?? 'without a reason');
}

function notLoaded(file: string, why: string): ServingError {
  return new ServingError('model-load-failed', `${file} could not be loaded by Python: ${why}`);
}
