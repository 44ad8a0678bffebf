import { configKeys, keyNames, type Config, type KeyName } from '../../../schemas/config/configKeys.ts';
import type { Backend } from '../../../schemas/jobEvents.ts';
import type { Problem, Range } from '../../../schemas/config/problems.ts';
import { choose } from './choose.ts';
import type { Context, Env } from './context.ts';
import { applyDisableComments } from './disableComments.ts';
import { readDocument } from './document.ts';
import { entriesOf, type Entry } from './entries.ts';
import { lineRange } from './lines.ts';
import { rules } from './rules/rules.ts';
import { readDefault, readEntry } from './values/readEntry.ts';

export { formatProblem } from './problem.ts';
export { lineColumn } from './lines.ts';
export type { Entry } from './entries.ts';

/** Where the value of a key came from; the ranges are absent for defaults. */
export interface Origin {
  readonly origin: 'default' | 'file' | 'nested' | 'older name';
  readonly value: Config[KeyName];
  readonly keyRange?: Range;
  readonly valueRange?: Range;
}

export interface ReadConfig {
  /** Present unless a problem is an error. */
  readonly config?: Config;
  /** In the order of the text. */
  readonly problems: readonly Problem[];
  /** Everything the file holds, known or not. */
  readonly entries: readonly Entry[];
  readonly origins: Readonly<Record<KeyName, Origin>>;
}

export interface ReadOptions {
  readonly env?: Env;
  readonly backend?: Backend | undefined;
}

/** Reads the text of a config.yaml. Never throws, whatever the text.
 *  @param options.env  gives the environment's variables for `${env:NAME}`; without it such values are not looked
 *    into: texts keep them as they are, and other values are their key's default
 *  @param options.backend  counts in place of the config's, for the rules too: a command line may name another
 *  @see BigDL ClusterServingHelper.scala, which reads with Jackson. Unlike it, this reads the older nested form and older names,
 *    still read, and an empty value is the default. */
export function readConfig(text: string, options: ReadOptions = {}): ReadConfig {
  const document = readDocument(text);
  const entries = entriesOf(document.keys);
  const { chosen, outdone } = choose(entries);
  const found: Problem[] = [...document.problems];
  const values: Partial<Record<KeyName, unknown>> = {};
  for (const key of keyNames) {
    const entry = chosen.get(key);
    const reading = entry ? readEntry(text, key, entry, options.env) : readDefault(key);
    values[key] = reading.value;
    found.push(...reading.problems);
  }
  if (options.backend !== undefined) values.backend = options.backend;
  const context: Context = {
    text,
    entries,
    chosen,
    outdone,
    values: values as Config,
    complete: document.complete,
    env: options.env,
  };
  for (const rule of rules) found.push(...rule.check(context));
  const problems = applyDisableComments(text, withoutConsequences(text, found)).sort(
    (a, b) => a.range.start - b.range.start,
  );
  const failed = problems.some(({ severity }) => severity === 'error');
  const read = { problems, entries, origins: originsOf(context) };
  return failed ? read : { config: context.values, ...read };
}

/** Where a line is not even YAML, or belongs to a section that cannot be determined, what else seems wrong in it is only a guess. */
function withoutConsequences(text: string, problems: readonly Problem[]): readonly Problem[] {
  const lineOf = ({ range }: Problem) => lineRange(text, range.start).start;
  const broken = new Set(problems.filter(isUnreadable).map(lineOf));
  if (broken.size === 0) return problems;
  return problems.filter((found) => isUnreadable(found) || !broken.has(lineOf(found)));
}

function isUnreadable({ code }: Problem): boolean {
  return code === 'syntax' || code === 'tab-indent';
}

const originNames = { exact: 'file', case: 'file', nested: 'nested', 'older-name': 'older name' } as const;

function originsOf({ chosen, values }: Context): Record<KeyName, Origin> {
  const origin = (key: KeyName): Origin => {
    const entry = chosen.get(key);
    const value = values[key];
    if (!entry || entry.match === 'section' || entry.match === 'unknown') return { origin: 'default', value };
    const { keyRange, value: written } = entry;
    const from = written.kind === 'nothing' ? 'default' : originNames[entry.match];
    return { origin: from, value, keyRange, valueRange: written.range };
  };
  return Object.fromEntries(Object.keys(configKeys).map((key) => [key, origin(key as KeyName)])) as Record<
    KeyName,
    Origin
  >;
}
