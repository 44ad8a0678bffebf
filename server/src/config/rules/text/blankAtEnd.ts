import { configKeys } from '../../../../../schemas/config/configKeys.ts';
import type { Problem } from '../../../../../schemas/config/problems.ts';
import type { Context } from '../../context.ts';
import { replace } from '../../edits.ts';
import { problem } from '../../problem.ts';
import type { Rule } from '../rule.ts';

export const blankAtEnd: Rule = { codes: ['blank-at-end'], check, fix: replace, isSafe: true };

function check({ chosen, text }: Context): Problem[] {
  return Array.from(chosen).flatMap(([key, { value }]) => {
    if (configKeys[key].type !== 'path' || value.kind !== 'scalar' || value.text.trim() === '') return [];
    const raw = text.slice(value.range.start, value.range.end);
    // A block of lines ends with a line end as a matter of course.
    if (value.text.trim() === value.text || /^[|>]/.test(raw)) return [];
    const message = `The path begins or ends with a blank, which is left out.`;
    const replacement = trimmed(raw, value.text.trim());
    return [
      problem(
        'blank-at-end',
        value.range,
        message,
        replacement === undefined ? { key } : { key, replacement },
      ),
    ];
  });
}

/** The value as it should be written; undefined where it stands elsewhere, behind an alias. */
function trimmed(raw: string, path: string): string | undefined {
  if (raw.startsWith('*')) return undefined;
  const quote = /^["']/.exec(raw)?.[0];
  if (quote === undefined) return raw.trim();
  return raw.includes('\\') ? JSON.stringify(path) : quote + raw.slice(1, -1).trim() + quote;
}
