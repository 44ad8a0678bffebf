import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, delimiter } from 'node:path';
import type { RuntimePlace, SearchPlaces } from '../runtimes/runtime.ts';

/** The C library, whatever version is in its name. */
const libraryName = /^(?:libopenvino_c\.so[.\d]*|libopenvino_c[.\d]*\.dylib|openvino_c\.dll)$/;

/** Below a folder that a user names: of the wheel, of OpenVINO's archives, of a system's packages. */
const below = [
  '',
  'libs',
  'lib',
  'openvino/libs',
  'runtime/lib/intel64',
  'runtime/lib/aarch64',
  'runtime/lib/arm64/Release',
  'runtime/bin/intel64/Release',
];

/** Where OpenVINO is: in the folder that the config names, in `OPENVINO_LIB_PATHS`, where it was installed for the commands
 *  here, or in the packages of `python3`. */
export function findOpenvino({ configured, env, installedIn }: SearchPlaces): RuntimePlace | undefined {
  // What the config names is meant: nothing else is taken in its place.
  if (configured !== undefined) return libraryIn(configured, 'openvinoPath of the config');
  for (const folder of (env.OPENVINO_LIB_PATHS ?? '').split(delimiter).filter(Boolean)) {
    const found = libraryIn(folder, 'OPENVINO_LIB_PATHS');
    if (found) return found;
  }
  for (const name of foldersOf(installedIn)) {
    const found = libraryIn(join(installedIn, name), 'installed by cluster-serving');
    if (found) return found;
  }
  const ofPython = pythonFolder(env);
  return ofPython === undefined ? undefined : libraryIn(ofPython, 'a package of python3');
}

function libraryIn(folder: string, from: string): RuntimePlace | undefined {
  for (const part of below) {
    const path = join(folder, part);
    const name = namesIn(path).find((each) => libraryName.test(each));
    if (name !== undefined) return { place: join(path, name), from };
  }
  return undefined;
}

/** The newest version first. */
function foldersOf(installedIn: string): readonly string[] {
  return namesIn(installedIn)
    .filter((name) => name.startsWith('openvino-'))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

let asked: { readonly path: string | undefined; readonly folder: string | undefined } | undefined;

/** Python is asked once, without loading the package: that takes seconds. */
function pythonFolder(env: SearchPlaces['env']): string | undefined {
  if (asked && asked.path === env.PATH) return asked.folder;
  const program =
    'import importlib.util as u;s=u.find_spec("openvino");print((s and s.submodule_search_locations or [""])[0])';
  const { status, stdout } = spawnSync('python3', ['-I', '-c', program], {
    encoding: 'utf8',
    timeout: 5_000,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const folder = status === 0 ? stdout.trim() : '';
  asked = { path: env.PATH, folder: folder === '' ? undefined : folder };
  return asked.folder;
}
