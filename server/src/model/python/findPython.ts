import { accessSync, constants, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { RuntimePlace, SearchPlaces } from '../runtimes/runtime.ts';

/** The variable that names a Python for all configs. */
export const pythonVariable = 'CLUSTER_SERVING_PYTHON';

/** Where the Python is that runs models: the one that the config names, that of `CLUSTER_SERVING_PYTHON`, or `python3`.
 *  It is looked for and never run: `lint` and the editor ask, too. */
export function findPython({ configured, env }: SearchPlaces): RuntimePlace | undefined {
  const named = env[pythonVariable] ?? '';
  const [name, from] =
    configured !== undefined
      ? [configured, 'python of the config']
      : named !== ''
        ? [named, pythonVariable]
        : ['python3', 'python3 on the PATH'];
  const place = isAbsolute(name) ? programAt(name) : onPath(name, env.PATH ?? '');
  return place === undefined ? undefined : { place, from };
}

function onPath(name: string, path: string): string | undefined {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const found = programAt(join(folder, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

function programAt(path: string): string | undefined {
  const names = process.platform === 'win32' ? [path, `${path}.exe`] : [path];
  return names.find((name) => {
    try {
      accessSync(name, constants.X_OK);
      return statSync(name).isFile();
    } catch {
      return false;
    }
  });
}

/** Which modules a virtual environment lacks, by its files alone; none where that cannot be seen, as for the Python of a
 *  system. */
export function lackingByFiles(python: string, modules: readonly string[]): readonly string[] {
  const folder = dirname(dirname(python));
  const settings = join(folder, 'pyvenv.cfg');
  try {
    if (/^include-system-site-packages\s*=\s*true/im.test(readFileSync(settings, 'utf8'))) return [];
    const [version] = readdirSync(join(folder, 'lib')).filter((name) => /^python3\.\d+$/.test(name));
    if (version === undefined) return [];
    const packages = join(folder, 'lib', version, 'site-packages');
    // A file of paths may lead to more packages anywhere.
    if (readdirSync(packages).some((name) => name.endsWith('.pth') && !name.startsWith('distutils-')))
      return [];
    return modules.filter(
      (name) => !existsSync(join(packages, name)) && !existsSync(join(packages, `${name}.py`)),
    );
  } catch {
    return [];
  }
}
