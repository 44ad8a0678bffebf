import { stat, writeFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { configProblems, type Severity } from '../../../schemas/problems.ts';
import { readConfig } from '../config/readConfig.ts';
import { configText } from '../language/configText.ts';
import { diagnose, type Severities } from '../language/diagnose.ts';
import { diagnoseServables } from '../language/servables/diagnoseServables.ts';
import { fixAll } from '../language/features/fixes.ts';
import { findModeline } from '../language/recognise/modeline.ts';
import { recognise } from '../language/recognise/recognise.ts';
import { createWorkspace, factsOf } from '../language/workspace.ts';
import { formats, type Format } from '../lint/formats.ts';
import type { FileReport } from '../lint/report.ts';
import { findFiles } from '../workspace/findFiles.ts';
import { print } from './output.ts';
import { nodeFiles } from '../workspace/nodeFiles.ts';
import { readTextOrTrouble } from '../workspace/readText.ts';

export interface LintOptions {
  readonly format: string;
  readonly fix?: boolean;
  readonly quiet?: boolean;
  readonly force?: boolean;
  readonly severity: readonly string[];
  readonly stdinFilename: string;
}

interface Source {
  /** As it is shown. */
  readonly path: string;
  readonly text: string;
  readonly fromStdin: boolean;
  readonly kind: 'config' | 'servables';
}

/** Checks configs by the rules that the editor shows and the start obeys. Exit code 0 when there is nothing to say, 1 when
 *  there is, 2 when something could not be read. @throws ServingError "wrong-use" */
export async function lint(paths: readonly string[], options: LintOptions, version: string): Promise<number> {
  const format = formatOf(options.format);
  const severities = severitiesOf(options.severity);
  const trouble: string[] = [];
  const sources = await Promise.all(
    (paths.length > 0 ? paths : ['.']).map((path) => load(path, options, trouble)),
  );
  const found = sources.flat();
  const fixed = options.fix ? await Promise.all(found.map((source) => fix(source, trouble))) : found;
  const reports = await check(fixed, severities, options.quiet ?? false);
  const output = formats[format](reports, version);
  const stdin = fixed.find(({ fromStdin }) => fromStdin);
  if (options.fix && stdin) {
    // The corrected text goes to the standard output, so it can be piped on; the remaining findings go to the standard error.
    process.stdout.write(stdin.text);
    process.stderr.write(output);
  } else process.stdout.write(output);
  print(trouble, process.stderr);
  if (trouble.length > 0) return 2;
  return reports.some(({ problems }) => problems.length > 0) ? 1 : 0;
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

/** What a name on the command line stands for. Of a folder's files, those count that are recognised. */
async function load(
  path: string,
  { force, stdinFilename }: LintOptions,
  trouble: string[],
): Promise<Source[]> {
  if (path === '-') {
    const text = await readAll(process.stdin);
    const kind = recognise(text).kind === 'servables' ? 'servables' : 'config';
    return [{ path: stdinFilename, text, fromStdin: true, kind }];
  }
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  const files = isFolder ? await findFiles(path, /\.ya?ml$/) : [path];
  const sources = await Promise.all(
    files.map(async (file): Promise<Source[]> => {
      const found = await readTextOrTrouble(file);
      if (found.text === undefined) {
        // Files of other programs in a folder are skipped.
        const isForeign = isFolder && found.guess !== undefined && recognise(found.guess).kind === 'foreign';
        if (!isForeign) trouble.push(`${file}: ${found.trouble}.`);
        return [];
      }
      const { text } = found;
      const { kind } = recognise(text);
      const source = { path: shown(file), text, fromStdin: false };
      if (kind !== 'foreign') return [{ ...source, kind }];
      if (force && !isFolder) return [{ ...source, kind: 'config' }];
      if (!isFolder && !findModeline(text))
        print(
          `${file}: does not look like a config of Cluster Serving; skipped (--force checks it).`,
          process.stderr,
        );
      return [];
    }),
  );
  return sources.flat();
}

/** Relative to the current folder, with slashes. */
function shown(file: string): string {
  const path = relative('.', resolve(file));
  return (path.startsWith('..') ? join(file) : path).split(sep).join('/');
}

async function fix(source: Source, trouble: string[]): Promise<Source> {
  const text = source.kind === 'config' ? fixAll(source.text) : source.text;
  if (text === source.text) return source;
  if (!source.fromStdin) {
    try {
      await writeFile(source.path, text);
    } catch (error) {
      trouble.push(`${source.path}: cannot be written: ${messageOf(error)}`);
      return source;
    }
  }
  return { ...source, text };
}

async function check(
  sources: readonly Source[],
  severities: Severities,
  quiet: boolean,
): Promise<FileReport[]> {
  const files = nodeFiles();
  const workspace = createWorkspace();
  const uriOf = (path: string) => files.uriOf(resolve(path));
  for (const { kind, path, text } of sources)
    if (kind === 'config') workspace.set(factsOf(uriOf(path), readConfig(text)));
  return Promise.all(
    sources.map(async ({ kind, path, text }) => {
      const problems =
        kind === 'config'
          ? await diagnose(configText(uriOf(path), text), { files, workspace }, severities)
          : diagnoseServables(text, workspace, severities);
      const isShown = ({ severity }: { readonly severity: Severity }) =>
        !quiet || severity === 'error' || severity === 'warning';
      return { path, text, problems: problems.filter(isShown) };
    }),
  );
}
