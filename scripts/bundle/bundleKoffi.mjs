import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const packageFolder = dirname(createRequire(import.meta.url).resolve('koffi'));
const modules = dirname(packageFolder);
const program = join('src', 'koffi', 'indirect.cjs');

/** Puts koffi, which calls OpenVINO's library, beside the bundles: its JavaScript, and the binaries of one platform where
 *  koffi looks for those that were built.
 *  @param {string} dist  where the bundles are
 *  @param {string} target  such as linux-x64
 *  @returns what esbuild would say of it @throws Error where the binaries of that platform are not installed */
export function bundleKoffi(dist, target = `${process.platform}-${process.arch}`) {
  const binaries = `@koromix/koffi-${target}`;
  const from = join(modules, binaries);
  if (!existsSync(from))
    throw new Error(
      `koffi's binaries for ${target} are not installed: npm install --no-save --force ${binaries}`,
    );
  const folder = join(dist, 'koffi');
  mkdirSync(join(folder, dirname(program)), { recursive: true });
  copyFileSync(join(packageFolder, program), join(folder, program));
  const { name, version, license } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, license }));
  for (const entry of readdirSync(from, { withFileTypes: true }))
    if (entry.isDirectory())
      cpSync(join(from, entry.name), join(folder, 'build', 'koffi', entry.name), { recursive: true });
  const inputs = [`node_modules/koffi/${program}`, `node_modules/${binaries}/index.js`];
  return { metafile: { inputs: Object.fromEntries(inputs.map((path) => [path, {}])) } };
}
