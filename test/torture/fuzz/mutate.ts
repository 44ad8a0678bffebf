import type { Random } from '../random.ts';

/** Damages bytes in one of the ways in which they get damaged, or in which an attacker would damage them.
 *  @param others  right ones, to take pieces from */
export function mutate(random: Random, bytes: Buffer, others: readonly Buffer[]): Buffer {
  let out = Buffer.from(bytes);
  for (let changes = random.between(1, 4); changes > 0; changes--)
    out = random.pick(ways)(random, out, others);
  return out.subarray(0, maxBytes);
}

const maxBytes = 64 * 1024;

type Way = (random: Random, bytes: Buffer, others: readonly Buffer[]) => Buffer<ArrayBuffer>;

const place = (random: Random, bytes: Buffer) => random.between(0, Math.max(0, bytes.length - 1));
const insert = (bytes: Buffer, at: number, what: Buffer) =>
  Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at)]);

/** What readers of lengths, numbers and texts stumble over. */
const spikes = [
  Buffer.from([0xff, 0xff, 0xff, 0xff]),
  Buffer.from([0xff, 0xff, 0xff, 0x7f]),
  Buffer.from([0, 0, 0, 0]),
  Buffer.from([0, 0, 0, 0x80]),
  ...['1e999', '-1', '9'.repeat(40), 'null', '[', '{"', '\\u0000', '"', ']', '__proto__', '="=', 'NaN'].map(
    (text) => Buffer.from(text),
  ),
];

const ways: readonly Way[] = [
  // A bit.
  (random, bytes) => {
    const out = Buffer.from(bytes);
    const at = place(random, out);
    if (out.length > 0) out[at] = (out[at] ?? 0) ^ (1 << random.between(0, 7));
    return out;
  },
  // A byte.
  (random, bytes) => {
    const out = Buffer.from(bytes);
    if (out.length > 0) out[place(random, out)] = random.between(0, 255);
    return out;
  },
  // A spike, in place of what is there or between it.
  (random, bytes) => {
    const spike = random.pick(spikes);
    const at = place(random, bytes);
    if (random.next() < 0.5) return insert(bytes, at, spike);
    const out = Buffer.from(bytes);
    spike.copy(out, at);
    return out;
  },
  // The end is missing.
  (random, bytes) => Buffer.from(bytes.subarray(0, place(random, bytes))),
  // A piece is missing.
  (random, bytes) => {
    const at = place(random, bytes);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.between(1, 16))]);
  },
  // A piece is there many times.
  (random, bytes) => {
    const at = place(random, bytes);
    const piece = bytes.subarray(at, at + random.between(1, 64));
    return insert(bytes, at, Buffer.concat(Array<Buffer>(random.between(1, 100)).fill(piece)));
  },
  // The head of one, the tail of another.
  (random, bytes, others) => {
    const other = random.pick(others);
    return Buffer.concat([bytes.subarray(0, place(random, bytes)), other.subarray(place(random, other))]);
  },
];
