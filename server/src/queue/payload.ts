import { typedFormMark } from '../../../schemas/redisKeys.ts';

/** A record's data or a result as it lies in Redis: bytes where it is of the typed form, else text. */
export type Payload = string | Buffer;

export function payloadOf(bytes: Buffer): Payload {
  return bytes[0] === typedFormMark ? bytes : bytes.toString();
}

/** A field of a stream's entry. @param fields  names and values in turn */
export function fieldOf<T>(fields: readonly T[], name: string): T | undefined {
  for (let i = 0; i + 1 < fields.length; i += 2) if (String(fields[i]) === name) return fields[i + 1];
  return undefined;
}
