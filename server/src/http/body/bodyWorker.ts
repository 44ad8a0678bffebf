import { parentPort } from 'node:worker_threads';
import { answerTasks } from '../../codec/decodeThread.ts';
import { parseInstances } from '../../codec/instances.ts';
import { parseInferRequest } from '../v2/inferRequest.ts';

// The thread that reads long bodies, see bodyReader.ts.

export interface BodyTask {
  readonly kind: 'instances' | 'infer';
  readonly body: Uint8Array;
  readonly headerLength?: number | undefined;
}

answerTasks<unknown>(
  parentPort,
  (task) => {
    const { kind, body, headerLength } = task as BodyTask;
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
    return kind === 'instances' ? parseInstances(bytes.toString()) : parseInferRequest(bytes, headerLength);
  },
  (value) => buffersIn(value),
);

/** The memory of all tensors, which moves to the other thread instead of being copied. */
function buffersIn(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteLength } = value;
    // A piece of Node's pool belongs to others, too.
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) found.add(buffer);
  } else if (value instanceof Map) for (const one of value.values()) buffersIn(one, found);
  else if (Array.isArray(value)) {
    // Texts and numbers hold no memory of their own, and there may be many.
    if (typeof value[0] === 'object') for (const one of value) buffersIn(one, found);
  } else if (typeof value === 'object' && value !== null)
    for (const one of Object.values(value)) buffersIn(one, found);
  return [...found];
}
