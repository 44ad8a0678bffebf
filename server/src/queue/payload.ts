import { typedFormMark } from '../../../schemas/redisKeys.ts';

/** A record's data or a result as it lies in Redis: bytes where it is of the typed form, else text. */
export type Payload = string | Buffer;

export function payloadOf(bytes: Buffer): Payload {
  return bytes[0] === typedFormMark ? bytes : bytes.toString();
}
