import { writeFile } from 'node:fs/promises';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { configProblems, type Severity } from '../../../schemas/config/problems.ts';
import type { Severities } from '../language/diagnose.ts';
import { fixAll } from '../language/features/fixes.ts';
import { formats, type Format } from '../lint/formats.ts';
import type { Unread } from '../lint/report.ts';
import { checkSources } from '../workspace/checkSources.ts';
import { inTurn } from '../workspace/inTurn.ts';
import { loadSources, type Source, type SourceOptions } from '../workspace/lintSources.ts';
import { print } from './output.ts';

export interface LintOptions extends SourceOptions {
  readonly format: string;
  readonly fix?: boolean;
  readonly quiet?: boolean;
  readonly failIfNone?: boolean;
  readonly severity: readonly string[];
}

/** What a terminal is given of what could not be read; the formats for programs have all of it. */
const maxShown = 20;

/** Checks configs by the rules that the editor shows and the start obeys. Exit code 0 when there is nothing to say, 1 when
 *  there is, 2 when something could not be read, or a name gave no config and must. @throws ServingError "wrong-use" */
export async function lint(paths: readonly string[], options: LintOptions, version: string): Promise<number> {
  const format = formatOf(options.format);
  const severities = severitiesOf(options.severity);
  const found = await loadSources(paths.length > 0 ? paths : ['.'], options);
  const unread = [...found.unread];
  const sources = options.fix ? await inTurn(found.sources, (source) => fix(source, unread)) : found.sources;
  const files = await checkSources(sources, severities, options.quiet ?? false);
  const output = formats[format]({ files, unread }, version);
  const stdin = sources.find(({ fromStdin }) => fromStdin);
  if (options.fix && stdin) {
    // The corrected text goes to the standard output, so it can be piped on; the remaining findings go to the standard error.
    process.stdout.write(stdin.text);
    process.stderr.write(output);
  } else process.stdout.write(output);
  print(found.without, process.stderr);
  print(unreadLines(unread), process.stderr);
  if (unread.length > 0 || (options.failIfNone && found.without.length > 0)) return 2;
  return files.some(({ problems }) => problems.length > 0) ? 1 : 0;
}

function unreadLines(unread: readonly Unread[]): string[] {
  const lines = unread.slice(0, maxShown).map(({ path, trouble }) => `${path}: ${trouble}.`);
  const more = unread.length - lines.length;
  return more > 0 ? [...lines, `And ${more} more: ${unread.length} could not be read in all.`] : lines;
}

function formatOf(name: string): Format {
  if (Object.hasOwn(formats, name)) return name as Format;
  throw new ServingError('wrong-use', `--format takes ${Object.keys(formats).join(', ')}, not ${name}.`);
}

function severitiesOf(list: readonly string[]): Severities {
  const levels = ['error', 'warning', 'information', 'hint', 'off'];
  return Object.fromEntries(
    list.map((item) => {
      const [code = '', level = ''] = item.split('=');
      if (!Object.hasOwn(configProblems, code) || !levels.includes(level))
        throw new ServingError('wrong-use', `--severity takes CODE=${levels.join('|')}, not ${item}.`);
      return [code, level as Severity | 'off'];
    }),
  );
}

async function fix(source: Source, unread: Unread[]): Promise<Source> {
  const text = source.kind === 'config' ? fixAll(source.text) : source.text;
  if (text === source.text) return source;
  if (!source.fromStdin) {
    try {
      await writeFile(source.path, text);
    } catch (error) {
      unread.push({ path: source.path, trouble: `cannot be written: ${messageOf(error)}` });
      return source;
    }
  }
  return { ...source, text };
}
