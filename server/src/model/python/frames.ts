import { bytesOf, viewOf, type ElementType } from '../../tensor/elementTypes.ts';
import { isStrings } from '../../tensor/tensor.ts';
import type { ModelTensor } from '../model.ts';

/** What goes between a worker and the process of its model: see cluster_serving_wire.py. */
export interface Frame {
  readonly header: Readonly<Record<string, unknown>>;
  readonly tensors: readonly ModelTensor[];
}

interface TensorHead {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** No header is larger; a longer one is no frame. */
const maxHeaderBytes = 64 * 1024 * 1024;

/** @returns the pieces of a frame, which share the memory of the tensors */
export function encodeFrame(
  header: Readonly<Record<string, unknown>>,
  tensors: readonly ModelTensor[] = [],
): readonly Uint8Array[] {
  const bodies = tensors.map(({ data }) => (isStrings(data) ? stringsOf(data) : bytesOf(data)));
  const heads = tensors.map(({ name, type, shape }, i) => ({ name, type, shape, bytes: bodies[i]?.length }));
  const text = Buffer.from(JSON.stringify(tensors.length > 0 ? { ...header, tensors: heads } : header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return [Buffer.concat([length, text]), ...bodies.filter(({ length: bytes }) => bytes > 0)];
}

function stringsOf(data: readonly unknown[]): Uint8Array {
  const texts = data.map((element) => {
    if (typeof element === 'string') return element;
    throw new TypeError('an element is not UTF-8, and Python gets no other strings');
  });
  return Buffer.from(JSON.stringify(texts));
}

/** Puts chunks of a stream together. @returns a function that takes a chunk; it throws for what is no frame
 *  @param onFrame  called for each frame that is whole */
export function createFrameReader(onFrame: (frame: Frame) => void): (chunk: Uint8Array) => void {
  /** What is being filled, and what is done once it is full. */
  let target = new Uint8Array(4);
  let filled = 0;
  let full: (bytes: Uint8Array) => void = readLength;

  function next(count: number, then: (bytes: Uint8Array) => void): void {
    target = new Uint8Array(count);
    filled = 0;
    full = then;
    if (count === 0) then(target);
  }

  function readLength(bytes: Uint8Array): void {
    const length = Buffer.from(bytes.buffer).readUInt32LE();
    if (length > maxHeaderBytes) throw new RangeError('the process of the model does not send frames');
    next(length, readHeader);
  }

  function readHeader(bytes: Uint8Array): void {
    const { tensors: heads = [], ...header } = JSON.parse(Buffer.from(bytes.buffer).toString('utf8')) as {
      readonly tensors?: readonly TensorHead[];
    };
    readTensor(header, heads, []);
  }

  function readTensor(
    header: Readonly<Record<string, unknown>>,
    heads: readonly TensorHead[],
    tensors: readonly ModelTensor[],
  ): void {
    const head = heads[tensors.length];
    if (!head) {
      next(4, readLength);
      onFrame({ header, tensors });
      return;
    }
    const { name, type, shape } = head;
    next(head.bytes, (bytes) => {
      const data =
        type === 'string'
          ? (JSON.parse(Buffer.from(bytes.buffer).toString('utf8')) as readonly string[])
          : viewOf(type, bytes);
      readTensor(header, heads, [...tensors, { name, type, shape, data }]);
    });
  }

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      const count = Math.min(chunk.length - at, target.length - filled);
      target.set(chunk.subarray(at, at + count), filled);
      filled += count;
      at += count;
      if (filled === target.length) full(target);
    }
  };
}
