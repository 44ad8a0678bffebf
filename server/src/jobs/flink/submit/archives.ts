import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { ZipFile } from 'yazl';
import { ServingError, messageOf } from '../../../../../schemas/errors.ts';
import { unwritable } from '../../machine/stateFolder.ts';

/** A zip file of this machine. */
export interface LocalArchive {
  readonly file: string;
  /** Of its content, in hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/** All files have one time, so that equal contents make equal archives. */
const fileTime = new Date(2000, 0, 1);

/** Files, and those below folders, by their names in an archive.
 *  @param to  the folder there */
export function partsOf(from: string, parts: readonly string[], to: string): [string, string][] {
  return parts.flatMap((part) => {
    const path = join(from, part);
    const files = statSync(path).isFile() ? [''] : filesBelow(path);
    return files.map((file): [string, string] => [
      [to, ...part.split(sep), file].filter((name) => name !== '').join('/'),
      join(path, file),
    ]);
  });
}

/** Where a module in that folder would find a package; what packages export is their own affair.
 *  @throws ServingError "flink-program" */
export function packageFolder(name: string, from: string): string {
  const folders = createRequire(join(from, 'any.mjs')).resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name)).find((folder) => existsSync(folder));
  if (found !== undefined) return found;
  throw new ServingError('flink-program', `The package ${name} is not installed. Install Cluster Serving again.`);
}

/** Fetches a package with npm, which checks it against the registry's digest. */
export async function fetchPackage(
  folder: string,
  name: string,
  version: string,
  signal: AbortSignal,
): Promise<{ readonly folder: string; readonly remove: () => void }> {
  const place = join(folder, `fetched-${process.pid}`);
  const remove = () => {
    rmSync(place, { recursive: true, force: true });
  };
  mkdirSync(place, { recursive: true, mode: 0o700 });
  writeFileSync(join(place, 'package.json'), '{"private":true}');
  // The package is for the cluster's processor, which may not be this machine's: npm installs it when it is forced to.
  const args = ['install', '--force', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', `${name}@${version}`];
  try {
    await execa('npm', args, { cwd: place, cancelSignal: signal, env: { npm_config_update_notifier: 'false' } });
  } catch (error) {
    remove();
    if (signal.aborted) throw new ServingError('job-failed', 'The start was cancelled.');
    throw new ServingError(
      'flink-program',
      `Workers on Flink run on Node.js, which npm could not fetch (${name} ${version}): ${lastLineOf(error)}. It is needed once; see that npm is installed and reaches its registry.`,
      { cause: error },
    );
  }
  return { folder: join(place, 'node_modules', name), remove };
}

function lastLineOf(error: unknown): string {
  const { stderr } = error as { stderr?: unknown };
  const lines = typeof stderr === 'string' ? stderr.split('\n').filter((line) => /^npm (?:error|ERR!) /.test(line)) : [];
  return (lines[0] ?? messageOf(error).split('\n')[0] ?? '').slice(0, 300);
}

/** An archive that was made before, as what was written beside it says; else a new one. */
export async function keep(folder: string, name: string, make: () => Promise<string>): Promise<LocalArchive> {
  const file = join(folder, `${name}.zip`);
  const note = join(folder, `${name}.json`);
  const kept = readNote(note);
  if (kept && existsSync(file) && kept.bytes === statSync(file).size) return { ...kept, file };
  const made = await make();
  const archive = { file, sha256: await digestOf(made), bytes: statSync(made).size };
  renameSync(made, file);
  writeFileSync(note, JSON.stringify(archive), { mode: 0o600 });
  return archive;
}

/** undefined: there is none, or it was not written to its end, as on a full disk. */
function readNote(note: string): Omit<LocalArchive, 'file'> | undefined {
  try {
    const { sha256, bytes } = JSON.parse(readFileSync(note, 'utf8')) as Partial<LocalArchive>;
    return typeof sha256 === 'string' && typeof bytes === 'number' ? { sha256, bytes } : undefined;
  } catch {
    return undefined;
  }
}

/** @param files  by their names in the archive. @returns the path of it */
export async function zip(folder: string, name: string, files: ReadonlyMap<string, string>): Promise<string> {
  const made = join(folder, `${name}-${process.pid}.part`);
  const archive = new ZipFile();
  for (const [to, from] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    archive.addFile(from, to, { mtime: fileTime, mode: 0o100700 });
  archive.end();
  let unread: unknown;
  const end = new AbortController();
  archive.on('error', (error: unknown) => {
    unread = error;
    end.abort();
  });
  try {
    await pipeline(archive.outputStream, createWriteStream(made, { mode: 0o600 }), { signal: end.signal });
  } catch (error) {
    rmSync(made, { force: true });
    if (unread === undefined) throw unwritable(made, error);
    throw new ServingError('flink-program', `What workers on Flink run on cannot be read: ${messageOf(unread)}. Install Cluster Serving again.`, { cause: unread });
  }
  return made;
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** What changes when one of the files does: their sizes and times.
 *  @param files  by their names in an archive */
export function factsOf(files: ReadonlyMap<string, string>): string {
  const facts = [...files].map(([to, from]) => `${to}:${statSync(from).size}:${statSync(from).mtimeMs}`);
  return createHash('sha256').update(facts.join('\n')).digest('hex').slice(0, 16);
}
