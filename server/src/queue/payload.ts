import { typedFormMark } from '../../../schemas/redis/redisKeys.ts';

/** A record's data or a result as it lies in Redis: bytes where it is of the typed form, else text. */
export type Payload = string | Buffer;

export function payloadOf(bytes: Buffer): Payload {
  return bytes[0] === typedFormMark ? bytes : bytes.toString();
}

/** A payload whose pieces are not put together: they go to the socket from where they lie. */
export class Pieces {
  /** Bytes of all. */
  readonly length: number;

  readonly all: readonly Uint8Array[];

  constructor(all: readonly Uint8Array[]) {
    this.all = all;
    this.length = all.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  joined(): Buffer {
    return Buffer.concat(this.all, this.length);
  }
}

/** A payload in one piece. */
export function wholeOf(data: Payload | Pieces): Payload {
  return data instanceof Pieces ? data.joined() : data;
}
