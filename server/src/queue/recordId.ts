/** The part of a stream id that Redis would fill in must be there: without it another entry could be meant. */
const pattern = /^\d+-\d+$/;

export function isRecordId(text: string): boolean {
  return pattern.test(text);
}
