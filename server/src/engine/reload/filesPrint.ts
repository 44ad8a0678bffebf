import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { labelsFile } from '../../model/labels.ts';

/** Deeper folders and further files do not count: no model has them, and each look costs a question to the disk. */
const maxDepth = 5;
const maxFiles = 5_000;

/** What can be seen of a model without reading its files: names, sizes, times and inodes. Equal while nothing has changed.
 *  Whatever is wrong with a file is a part of it, so that it changes when that does. Looking does not block the thread: the
 *  folder may be on a network.
 *  @param path  of the folder of a model, also of one with versions; or of a model's file, which counts with those that share
 *    its stem */
export async function modelPrint(path: string): Promise<string> {
  const lines: string[] = [];
  const place = await statOf(path);
  if (typeof place === 'string' || place.isDirectory()) await addFolder(path, '', 0, lines);
  else await addFile(path, lines);
  return digest(lines.join('\n'));
}

/** The same for a config, by what it holds: it is small, and editors may keep its time. */
export async function configPrint(path: string): Promise<string> {
  try {
    return digest(await readFile(path));
  } catch (error) {
    return codeOf(error);
  }
}

async function addFolder(folder: string, shown: string, depth: number, lines: string[]): Promise<void> {
  const names = await readdir(folder).catch(codeOf);
  if (typeof names === 'string') {
    lines.push(`${shown} ${names}`);
    return;
  }
  for (const name of names.sort()) {
    // Python writes its cache there while it loads a model.
    if (lines.length >= maxFiles || name.startsWith('.') || name === '__pycache__') continue;
    const path = join(folder, name);
    const found = await statOf(path);
    if (typeof found !== 'string' && found.isDirectory()) {
      lines.push(`${shown}${name}/`);
      if (depth < maxDepth) await addFolder(path, `${shown}${name}/`, depth + 1, lines);
    } else lines.push(lineOf(shown + name, found));
  }
}

async function addFile(path: string, lines: string[]): Promise<void> {
  const stem = basename(path).replace(/\.[^.]*$/, '');
  const names = await readdir(dirname(path)).catch(() => [basename(path)]);
  for (const name of names.sort())
    if (name.startsWith(stem) || name === labelsFile)
      lines.push(lineOf(name, await statOf(join(dirname(path), name))));
}

function lineOf(name: string, found: Stats | string): string {
  return typeof found === 'string'
    ? `${name} ${found}`
    : `${name} ${found.size} ${found.mtimeMs} ${found.ino}`;
}

function statOf(path: string): Promise<Stats | string> {
  return stat(path).catch(codeOf);
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}

function digest(content: string | Uint8Array): string {
  return createHash('sha1').update(content).digest('hex');
}
