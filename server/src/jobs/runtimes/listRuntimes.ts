import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  modelTypeNames,
  modelTypeRow,
  runtimeNames,
  runtimeRow,
  type RuntimeName,
} from '../../../../schemas/runtimes.ts';
import { findRuntime } from '../../model/runtimes/findRuntime.ts';
import type { StateFolder } from '../machine/stateFolder.ts';
import { runtimesFolder } from '../machine/stateFolderPath.ts';

export interface RuntimeReport {
  readonly name: RuntimeName;
  readonly title: string;
  /** The types of models that it runs, for people. */
  readonly models: readonly string[];
  /** Absent where it is not on this machine. */
  readonly place?: string;
  readonly from?: string;
  /** What the copies take that were installed here. */
  readonly installed: readonly InstalledCopy[];
}

export interface InstalledCopy {
  readonly folder: string;
  readonly bytes: number;
}

export function listRuntimes(state: StateFolder): readonly RuntimeReport[] {
  const installedIn = runtimesFolder(state.path);
  return runtimeNames.map((name) => {
    const found = findRuntime[name]({ configured: undefined, env: process.env, installedIn });
    return {
      name,
      title: runtimeRow(name).title,
      models: modelTypeNames
        .filter((type) => modelTypeRow(type).runtimes.includes(name))
        .map((type) => modelTypeRow(type).title),
      ...(found ? { place: found.place, from: found.from } : {}),
      installed: copiesOf(name, state),
    };
  });
}

/** Removes the copies of a runtime that were installed here. @returns what was removed */
export function removeRuntime(name: RuntimeName, state: StateFolder): readonly InstalledCopy[] {
  const copies = copiesOf(name, state);
  for (const { folder } of copies) rmSync(folder, { recursive: true, force: true });
  return copies;
}

function copiesOf(name: RuntimeName, state: StateFolder): readonly InstalledCopy[] {
  const { install } = runtimeRow(name);
  const folders = runtimesFolder(state.path);
  if (!install) return [];
  return namesIn(folders)
    .filter((each) => each.startsWith(`${install.package}-`))
    .map((each) => {
      const folder = join(folders, each);
      const bytes = namesIn(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
      return { folder, bytes };
    });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
