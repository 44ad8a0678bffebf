import { dirname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RuntimeName } from '../../../schemas/runtimes.ts';
import { runtimesFolder, stateFolderPath } from '../jobs/machine/stateFolderPath.ts';
import { diskFiles } from '../model/recognise/diskFiles.ts';
import { findPython, lackingByFiles } from '../model/python/findPython.ts';
import { findRuntime } from '../model/runtimes/findRuntime.ts';
import type { Files } from '../language/files.ts';
import { pathOf } from './fileIdentity.ts';

/** The world on the disk. */
export function nodeFiles(): Files {
  return {
    ...diskFiles,
    resolve: resolveFrom,
    uriOf: (path) => pathToFileURL(path).href,
    hasRuntime: (name, configured) => Promise.resolve(hasRuntime(name, configured)),
    lackingModules: (configured, modules) => Promise.resolve(lackingModules(configured, modules)),
  };
}

function resolveFrom(uri: string, path: string): string | undefined {
  const from = pathOf(uri);
  if (from !== undefined) return resolve(dirname(from), path);
  // A text that has no file yet is in no folder, but on this machine; documents of git and of other machines are not.
  return uri.startsWith('untitled:') && isAbsolute(path) ? path : undefined;
}

/** Asks the disk at most this often, in ms: configs are checked at every keystroke. */
const runtimeAgeMs = 2_000;
const runtimes = new Map<string, { readonly at: number; readonly isThere: boolean }>();

function hasRuntime(name: RuntimeName, configured: string | undefined): boolean {
  const key = `${name} ${configured ?? ''}`;
  const known = runtimes.get(key);
  if (known && Date.now() - known.at < runtimeAgeMs) return known.isThere;
  const search = { configured, env: process.env, installedIn: runtimesFolder(stateFolderPath()) };
  const isThere = findRuntime[name](search) !== undefined;
  runtimes.set(key, { at: Date.now(), isThere });
  return isThere;
}

function lackingModules(
  configured: string | undefined,
  modules: readonly string[],
): { readonly python: string; readonly modules: readonly string[] } | undefined {
  const found = findPython({ configured, env: process.env, installedIn: '' });
  const lacking = found ? lackingByFiles(found.place, modules) : [];
  return found && lacking.length > 0 ? { python: found.place, modules: lacking } : undefined;
}
