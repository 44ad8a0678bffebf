import { ServingError } from '../../../../schemas/errors.ts';
import { undecodable } from '../../tensor/tensor.ts';
import { readColumns, type Column } from './columns.ts';
import * as fb from './flatbuffer.ts';
import { schemaOf, type ArrowField } from './schema.ts';

const continuation = 0xffffffff;
const schemaMessage = 1;
const batchMessage = 3;
const maxBatches = 1024;

/** Reads all record batches of an Arrow IPC stream, or of an Arrow file, whose body is such a stream.
 *  Messages may lack the continuation marker, as before Arrow 0.15.
 *  @returns the columns of each batch; their arrays are views into `bytes` where its alignment allows
 *  @throws ServingError "record-undecodable" for anything else; never reads outside of `bytes`, and never allocates
 *          more than a small multiple of them */
export function readStream(bytes: Buffer): readonly (readonly Column[])[] {
  try {
    return readMessages(bytes);
  } catch (error) {
    if (error instanceof ServingError) throw error;
    if (error instanceof RangeError) throw undecodable('', 'the Arrow data is damaged', error);
    throw error;
  }
}

function readMessages(bytes: Buffer): readonly (readonly Column[])[] {
  const batches: (readonly Column[])[] = [];
  let fields: readonly ArrowField[] | undefined;
  let at = 0;
  let end = bytes.length;
  if (bytes.length > 18 && bytes.toString('latin1', 0, 6) === 'ARROW1') {
    at = 8;
    end = bytes.length - 10 - bytes.readUInt32LE(bytes.length - 10);
  }
  while (at + 4 <= end) {
    let size = bytes.readUInt32LE(at);
    at += 4;
    if (size === continuation) {
      size = bytes.readUInt32LE(at);
      at += 4;
    }
    if (size === 0) break;
    const body = at + size;
    if (body > end) throw new RangeError('a message is longer than the payload');
    const message = fb.follow(bytes, at);
    const bodyField = fb.field(bytes, message, 3);
    const next = body + (bodyField === 0 ? 0 : fb.size64(bytes, bodyField));
    if (next > end) throw new RangeError('a body is longer than the payload');
    const kind = fb.byteField(bytes, message, 1);
    if (kind === schemaMessage) {
      if (fields !== undefined) throw undecodable('', 'the Arrow data has two schemas');
      fields = schemaOf(bytes, at, body);
    } else if (kind === batchMessage) {
      if (fields === undefined) throw undecodable('', 'the Arrow data has no schema');
      if (batches.length === maxBatches) throw undecodable('', 'the Arrow data has too many batches');
      batches.push(readColumns({ bytes, table: fb.child(bytes, message, 2), body, end: next }, fields));
    } else {
      throw undecodable('', 'dictionaries and Arrow tensor messages are not supported');
    }
    at = next;
  }
  if (fields === undefined) throw undecodable('', 'is not Arrow data');
  return batches;
}
