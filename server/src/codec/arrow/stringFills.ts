/** The buffers of a column of strings: where each ends, and all of them one after the other. */
export function stringFills(strings: readonly string[]): [ends: Uint8Array, bytes: Uint8Array] {
  const ends = new Int32Array(strings.length + 1);
  for (let i = 0; i < strings.length; i++) ends[i + 1] = (ends[i] ?? 0) + Buffer.byteLength(strings[i] ?? '');
  return [new Uint8Array(ends.buffer), Buffer.from(strings.join(''))];
}
