/** W3C Trace Context: how a request names the trace that it belongs to. @see https://www.w3.org/TR/trace-context/ */

/** The header of HTTP, and the field of a record. Where requests share a record, it has one for each that named a trace, with
 *  commas between them. Clients of the original write none and do not see it. */
export const traceparentName = 'traceparent';

const wellFormed = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** More requests do not share a record. */
const maxJoined = 1_024;

/** @returns undefined for what names no trace: then it is as if it had not been sent, as the standard has it */
export function readTraceparent(text: unknown): string | undefined {
  return typeof text === 'string' && wellFormed.test(text) ? text : undefined;
}

/** @param text  of a record's field */
export function readTraceparents(text: string): readonly string[] {
  return text.split(',', maxJoined).flatMap((part) => readTraceparent(part) ?? []);
}
