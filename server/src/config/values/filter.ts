import type { Filter } from '../../../../schemas/config/configKey.ts';
import { refuse, shown, type Reading } from './reading.ts';

/** `topN(n)` or `pickTopN(n)`. */
export function readFilter(text: string): Reading<Filter> {
  const [, name = '', digits] = /^\s*([A-Za-z]+)\s*\(\s*(\d{1,9})\s*\)\s*$/.exec(text) ?? [];
  const kind = (['topN', 'pickTopN'] as const).find((known) => known.toLowerCase() === name.toLowerCase());
  const n = Number(digits ?? 0);
  if (n >= 1 && kind === name) return { value: { kind, n } };
  return refuse(
    'bad-post-processing',
    kind && n < 1
      ? `${kind} needs a number of at least 1.`
      : `topN(n) or pickTopN(n) is wanted here, not ${shown(text)}.`,
    kind && n >= 1 ? { replacement: `${kind}(${n})` } : { allowed: ['topN(n)', 'pickTopN(n)'] },
  );
}
