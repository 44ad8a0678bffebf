import { Worker } from 'node:worker_threads';
import { ServingError, type ErrorCode } from '../../../../schemas/errors.ts';
import { parseInstances } from '../../codec/instances.ts';
import type { RecordInputs } from '../../tensor/tensor.ts';
import type { BodyReply, BodyTask } from './bodyWorker.ts';
import { HttpError } from '../httpError.ts';
import { parseInferRequest, type InferRequest } from '../v2/inferRequest.ts';

/** Reads bodies: short ones at once, long ones on a thread of its own, so that no other request waits meanwhile. */
export interface BodyReader {
  /** @throws ServingError "record-undecodable", HttpError "body-too-large" */
  instances(body: Buffer): Promise<readonly RecordInputs[]>;
  /** The same, for the Open Inference Protocol. */
  infer(body: Buffer, headerLength: number | undefined): Promise<InferRequest>;
  close(): Promise<void>;
}

/** JSON of this length is read within some ten milliseconds, and the way to another thread would take longer. */
const shortBytes = 512 * 1024;
/** What one body may come to in the memory of that thread. The longest that are let through stay well below. */
const maxHeapMb = 2_048;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** @param workerFile  the bundle of bodyWorker.ts */
export function createBodyReader(workerFile: string): BodyReader {
  let worker: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  function start(): Worker {
    const started = new Worker(workerFile, { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } });
    // It must not keep a frontend alive that has nothing else to do.
    started.unref();
    started.on('message', (reply: BodyReply) => {
      const one = waiting.get(reply.id);
      waiting.delete(reply.id);
      if ('value' in reply) one?.resolve(reply.value);
      else one?.reject(errorOf(reply));
    });
    const fail = () => {
      if (worker === started) worker = undefined;
      const error = new HttpError('body-too-large', 'The body takes more memory than there is for one.');
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on('error', fail);
    started.on('exit', fail);
    return started;
  }

  function read<T>(task: Omit<BodyTask, 'id' | 'body'>, body: Buffer): Promise<T> {
    worker ??= start();
    const id = ++lastId;
    // A body may lie in memory that it shares with others, which must stay here.
    const copy = new Uint8Array(body);
    return new Promise<T>((resolve, reject) => {
      waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker?.postMessage({ ...task, id, body: copy } satisfies BodyTask, [copy.buffer]);
    });
  }

  return {
    instances: (body) =>
      body.length <= shortBytes
        ? Promise.resolve(parseInstances(body.toString()))
        : read({ kind: 'instances' }, body),
    infer: (body, headerLength) =>
      (headerLength ?? body.length) <= shortBytes
        ? Promise.resolve(parseInferRequest(body, headerLength))
        : read({ kind: 'infer', headerLength }, body),
    async close() {
      await worker?.terminate();
    },
  };
}

function errorOf({ code, message }: Extract<BodyReply, { readonly message: string }>): Error {
  return code === undefined ? new Error(message) : new ServingError(code as ErrorCode, message);
}
