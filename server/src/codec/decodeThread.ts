import { Worker, type MessagePort, type ResourceLimits } from 'node:worker_threads';
import { ServingError, messageOf, type ErrorCode } from '../../../schemas/errors.ts';

/** A thread that answers tasks, one after the other, for what would hold up its caller's thread. It begins with the first
 *  task, and again with the first one after it has ended. */
export interface DecodeThread<Task, Value> {
  /** @param transfer  the memory that moves to the thread
   *  @throws what `answerTasks` reports; the error of `ended` if the thread ends first */
  ask(task: Task, transfer: ArrayBuffer[]): Promise<Value>;
  /** Ends the thread; tasks that it has not answered fail. */
  close(): Promise<void>;
}

export interface DecodeThreadOptions {
  /** A bundle that calls `answerTasks`. */
  readonly workerFile: string | URL;
  readonly resourceLimits?: ResourceLimits;
  /** Why tasks fail that the thread took with it when it ended. */
  readonly ended: () => Error;
}

interface Numbered {
  readonly id: number;
  readonly task: unknown;
}

type TaskReply<Value> =
  | { readonly id: number; readonly value: Value }
  | { readonly id: number; readonly message: string; readonly code?: string };

interface Waiting<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

interface Running<Value> {
  readonly worker: Worker;
  /** Of this thread alone: one that ends takes no tasks of the next one with it. */
  readonly waiting: Map<number, Waiting<Value>>;
}

export function createDecodeThread<Task, Value>(options: DecodeThreadOptions): DecodeThread<Task, Value> {
  let running: Running<Value> | undefined;
  let lastId = 0;

  function start(): Running<Value> {
    const { workerFile, resourceLimits = {}, ended } = options;
    const worker = new Worker(workerFile, { resourceLimits });
    const started: Running<Value> = { worker, waiting: new Map() };
    // It must not keep a program alive that has nothing else to do.
    worker.unref();
    worker.on('message', (reply: TaskReply<Value>) => {
      const one = started.waiting.get(reply.id);
      started.waiting.delete(reply.id);
      if ('value' in reply) one?.resolve(reply.value);
      else one?.reject(errorOf(reply));
    });
    const fail = () => {
      if (running === started) running = undefined;
      for (const { reject } of started.waiting.values()) reject(ended());
      started.waiting.clear();
    };
    // After an error the thread takes some time to exit.
    worker.on('error', fail);
    worker.on('exit', fail);
    return started;
  }

  return {
    ask(task, transfer) {
      running ??= start();
      const { worker, waiting } = running;
      const id = ++lastId;
      return new Promise<Value>((resolve, reject) => {
        worker.postMessage({ id, task } satisfies Numbered, transfer);
        waiting.set(id, { resolve, reject });
      });
    },
    async close() {
      await running?.worker.terminate();
    },
  };
}

/** The thread's side: answers each task; what `answer` throws goes back with its code.
 *  @param moved  the memory of a value, which moves to the other thread instead of being copied */
export function answerTasks<Value>(
  port: Pick<MessagePort, 'on' | 'postMessage'> | null,
  answer: (task: unknown) => Value,
  moved: (value: Value) => ArrayBuffer[],
): void {
  port?.on('message', ({ id, task }: Numbered) => {
    try {
      const value = answer(task);
      port.postMessage({ id, value } satisfies TaskReply<Value>, moved(value));
    } catch (error) {
      const message = messageOf(error);
      const code = error instanceof ServingError ? { code: error.code } : {};
      port.postMessage({ id, message, ...code } satisfies TaskReply<Value>);
    }
  });
}

function errorOf({ code, message }: { readonly code?: string; readonly message: string }): Error {
  return code === undefined ? new Error(message) : new ServingError(code as ErrorCode, message);
}
