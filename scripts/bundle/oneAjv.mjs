import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Packages that validate by JSON schemas bring a copy each of the same release of Ajv; a bundle needs one. */
export const oneAjv = {
  name: 'one Ajv',
  setup({ onResolve, resolve, initialOptions }) {
    const from = join(
      initialOptions.absWorkingDir ?? process.cwd(),
      'node_modules',
      '@fastify',
      'ajv-compiler',
    );
    onResolve({ filter: /^ajv(?:\/|$)/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === 'ajv') return undefined;
      const find = (folder) => resolve(path, { kind, resolveDir: folder, pluginData: 'ajv' });
      const [own, shared] = [await find(resolveDir), await find(from)];
      return releaseOf(own.path) === releaseOf(shared.path) ? shared : own;
    });
  },
};

function releaseOf(file) {
  const [folder] = /^.*[\\/]ajv[\\/]/.exec(file) ?? [''];
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}
