import { createDecodeThread } from '../../codec/decodeThread.ts';
import { parseInstances } from '../../codec/instances.ts';
import type { RecordInputs } from '../../tensor/tensor.ts';
import type { BodyTask } from './bodyWorker.ts';
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

/** @param workerFile  the bundle of bodyWorker.ts */
export function createBodyReader(workerFile: string): BodyReader {
  const thread = createDecodeThread<BodyTask, unknown>({
    workerFile,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    ended: () => new HttpError('body-too-large', 'The body takes more memory than there is for one.'),
  });

  function read<T>(task: Omit<BodyTask, 'body'>, body: Buffer): Promise<T> {
    // A body may lie in memory that it shares with others, which must stay here.
    const copy = new Uint8Array(body);
    return thread.ask({ ...task, body: copy }, [copy.buffer]) as Promise<T>;
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
    close: () => thread.close(),
  };
}
