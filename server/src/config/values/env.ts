import type { Problem, Range } from '../../../../schemas/config/problems.ts';
import type { Env } from '../context.ts';
import { problem } from '../problem.ts';

const reference = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g;

interface Expanded {
  readonly text: string;
  /** Whether references are left, because there is no environment to look into. */
  readonly unresolved: boolean;
  /** One for each variable that is not set. */
  readonly problems: readonly Problem[];
}

/** Whether a text takes something from the environment. */
export function hasEnv(text: string): boolean {
  return text.search(reference) >= 0;
}

/** The variables that a text takes something from. */
export function envNames(text: string): string[] {
  return Array.from(text.matchAll(reference), ([, name = '']) => name);
}

/** Puts the environment's values in place of `${env:NAME}`. @param source  the whole file, which `value.range` is in */
export function expandEnv(
  source: string,
  value: { readonly text: string; readonly range: Range },
  env: Env | undefined,
): Expanded {
  if (!hasEnv(value.text)) return { text: value.text, unresolved: false, problems: [] };
  if (!env) return { text: value.text, unresolved: true, problems: [] };
  const problems: Problem[] = [];
  const text = value.text.replaceAll(reference, (whole, name: string) => {
    const found = env(name);
    if (found === undefined)
      problems.push(
        problem('env-missing', within(source, value.range, whole), `${name} is not set in the environment.`),
      );
    return found ?? '';
  });
  return { text, unresolved: false, problems };
}

function within(source: string, range: Range, part: string): Range {
  const at = source.slice(range.start, range.end).indexOf(part);
  return at < 0 ? range : { start: range.start + at, end: range.start + at + part.length };
}
