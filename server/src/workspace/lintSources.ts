import { stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { findModeline } from '../language/recognise/modeline.ts';
import { recognise } from '../language/recognise/recognise.ts';
import type { Unread } from '../lint/report.ts';
import { realPath } from './fileIdentity.ts';
import { findFiles } from './findFiles.ts';
import { inTurn } from './inTurn.ts';
import { readTextOrTrouble } from './readText.ts';

/** A text to check. */
export interface Source {
  /** As it is shown. */
  readonly path: string;
  readonly text: string;
  readonly fromStdin: boolean;
  readonly kind: 'config' | 'servables';
}

export interface SourceOptions {
  /** Whether a named file is checked whatever stands in it. */
  readonly force?: boolean;
  readonly stdinFilename: string;
}

/** What names on the command line stand for. */
export interface Sources {
  /** Each file once, under the first of its names. The standard input comes before the file that it is the text of. */
  readonly sources: readonly Source[];
  readonly unread: readonly Unread[];
  /** A sentence for each name that gives nothing to check. */
  readonly without: readonly string[];
}

interface Found {
  readonly sources: readonly Source[];
  readonly unread: readonly Unread[];
  readonly without?: string;
}

export async function loadSources(names: readonly string[], options: SourceOptions): Promise<Sources> {
  const found: Found[] = [];
  for (const name of new Set(names)) found.push(await load(name, options));
  return {
    sources: eachOnce(found.flatMap(({ sources }) => sources)),
    unread: [
      ...new Map(
        found.flatMap(({ unread }) => unread).map((one) => [realPath(resolve(one.path)), one]),
      ).values(),
    ],
    without: found.flatMap(({ without }) => without ?? []),
  };
}

function eachOnce(sources: readonly Source[]): readonly Source[] {
  const seen = new Set(sources.filter(({ fromStdin }) => fromStdin).map(identity));
  return sources.filter((source) => {
    if (source.fromStdin) return true;
    const isNew = !seen.has(identity(source));
    seen.add(identity(source));
    return isNew;
  });
}

function identity({ path }: Source): string {
  return realPath(resolve(path));
}

async function load(name: string, { force, stdinFilename }: SourceOptions): Promise<Found> {
  if (name === '-') {
    const text = await readAll(process.stdin);
    const kind = recognise(text).kind === 'servables' ? 'servables' : 'config';
    return { sources: [{ path: stdinFilename, text, fromStdin: true, kind }], unread: [] };
  }
  const isFolder = await stat(name).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isFolder ? loadFolder(name) : loadFile(name, force ?? false);
}

async function loadFile(name: string, force: boolean): Promise<Found> {
  const { text, ...rest } = await readTextOrTrouble(name);
  if (text === undefined) {
    const trouble = 'trouble' in rest ? rest.trouble : '';
    return { sources: [], unread: [{ path: shown(name), trouble }] };
  }
  const { kind } = recognise(text);
  if (kind === 'foreign' && !force) {
    // What a comment in the file says needs no sentence here.
    const hint = findModeline(text)
      ? 'is left alone, as a comment in it says'
      : 'does not look like a config of Cluster Serving; skipped (--force checks it)';
    return { sources: [], unread: [], without: `${name}: ${hint}.` };
  }
  const source = { path: shown(name), text, fromStdin: false, kind: kind === 'foreign' ? 'config' : kind };
  return { sources: [source], unread: [] };
}

/** Of a folder's files those count that are recognised. */
async function loadFolder(name: string): Promise<Found> {
  const { files, unread } = await findFiles(name, /\.ya?ml$/, true);
  const found = await inTurn(files, readOwn);
  const sources = found.flatMap(({ source }) => source ?? []);
  const troubles = [
    ...unread.map(({ path, code }) => ({ path: shown(path), trouble: `cannot be read (${code})` })),
    ...found.flatMap(({ trouble }) => trouble ?? []),
  ];
  const looked = `${files.length} ${files.length === 1 ? 'file' : 'files'} of YAML looked at`;
  return {
    sources,
    unread: troubles,
    ...(sources.length === 0
      ? { without: `${name}: no config of Cluster Serving is in it (${looked}).` }
      : {}),
  };
}

async function readOwn(file: string): Promise<{ readonly source?: Source; readonly trouble?: Unread }> {
  const found = await readTextOrTrouble(file);
  if (found.text === undefined) {
    // Those of other programs are left alone.
    const isForeign = found.guess !== undefined && recognise(found.guess).kind === 'foreign';
    return isForeign ? {} : { trouble: { path: shown(file), trouble: found.trouble } };
  }
  const { kind } = recognise(found.text);
  return kind === 'foreign'
    ? {}
    : { source: { path: shown(file), text: found.text, fromStdin: false, kind } };
}

/** Relative to the current folder, with slashes. */
function shown(file: string): string {
  const path = relative('.', resolve(file));
  return (path.startsWith('..') ? join(file) : path).split(sep).join('/');
}
