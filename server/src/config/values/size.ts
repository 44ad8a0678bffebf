import type { ProblemData } from '../../../../schemas/config/problems.ts';
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
  return refuse('bad-size', `A size such as 4g or 512mb is wanted here, not ${shown(text)}.`, meantBy(text));
}

/** The same size in words of Redis: without a blank, with a unit that it knows, and whole. */
function meantBy(text: string): ProblemData | undefined {
  const [, whole = '', part = '', letters = ''] =
    /^\s*(\d+)(?:\.(\d{1,6}))?\s*([a-z]+)\s*$/i.exec(text) ?? [];
  // 4Gi and 4GiB are powers of 1024, as 4gb is here.
  const unit = letters.toLowerCase().replace(/^([kmgt])i?b$|^([kmgt])i$/, '$1$2b');
  const factor = unit.startsWith('t')
    ? (bytesPer[unit.replace('t', 'g')] ?? NaN) * (unit === 'tb' ? 1024 : 1000)
    : bytesPer[unit];
  const bytes = Number(`${whole}.${part}`) * (factor ?? NaN);
  if (whole === '' || !Number.isSafeInteger(bytes)) return undefined;
  // In the unit that is written, or the next smaller one.
  const units = unit.endsWith('b') && unit !== 'b' ? ['gb', 'mb', 'kb', 'b'] : ['g', 'm', 'k', ''];
  const fits = (name: string) =>
    bytes % (bytesPer[name] ?? 1) === 0 && (bytesPer[name] ?? 1) <= (factor ?? 1);
  const name = units.find(fits) ?? '';
  return { replacement: `${bytes / (bytesPer[name] ?? 1)}${name}` };
}
