import { refuse, shown, type Reading } from './reading.ts';

/** The units of redis.conf: with a "b" the powers are of 1024, without of 1000. */
const bytesPer: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
};

/** A size as Redis writes it, in bytes. */
export function readSize(text: string): Reading<number> {
  const [, digits, unit] = /^\s*(\d+)([a-z]*)\s*$/i.exec(text) ?? [];
  const factor = unit === undefined ? undefined : bytesPer[unit.toLowerCase()];
  const value = Number(digits) * (factor ?? NaN);
  if (Number.isSafeInteger(value)) return { value };
  return refuse('bad-size', `A size such as 4g or 512mb is wanted here, not ${shown(text)}.`);
}
