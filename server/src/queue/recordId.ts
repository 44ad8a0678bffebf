/** The part of a stream id that Redis would fill in must be there: without it another entry could be meant. In Kafka it is the
 *  partition and the offset, or the offset of a dead letter. */
const pattern = /^(?:\d+|dead)-\d+$/;

export function isRecordId(text: string): boolean {
  return pattern.test(text);
}
