import type { Range } from '../../../../schemas/config/problems.ts';
import { entryRange } from '../../config/context.ts';
import { lineRange } from '../../config/lines.ts';
import type { ConfigText } from '../configText.ts';

/** Ever larger ranges around an offset: key or value, entry, line, section, file. */
export function selectionRanges({ text, read }: ConfigText, offset: number): Range[] {
  const entries = read.entries.flatMap((entry) => [entry, ...entry.children]);
  const candidates = [
    ...entries.flatMap((entry) => [entry.keyRange, entry.value.range, entryRange(entry)]),
    lineRange(text, offset),
    { start: 0, end: text.length },
  ];
  const around = candidates
    .filter(({ start, end }) => start <= offset && offset <= end)
    .sort((a, b) => a.end - a.start - (b.end - b.start));
  return around.reduce<Range[]>((chain, range) => {
    const inner = chain.at(-1);
    if (!inner) return [range];
    const isLarger = range.end - range.start > inner.end - inner.start;
    return isLarger && range.start <= inner.start && range.end >= inner.end ? [...chain, range] : chain;
  }, []);
}
