import { join, sep } from 'node:path';
import { build } from 'esbuild';

/** The JSON schema of the arguments of each tool for agents. What the tools do is in other rooms, of which nothing is
 *  loaded: only the schemas are wanted.
 *  @param {string} root  of the repository
 *  @returns {Promise<Record<string, object>>} by the names of the tools */
export async function loadToolSchemas(root) {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'server', 'src', 'mcp', 'tools', 'tools.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    plugins: [onlySchemas(root)],
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  const { tools } = await import(`data:text/javascript;base64,${code}`);
  return Object.fromEntries(
    Object.entries(tools).map(([name, { inputSchema }]) => [name, plain(inputSchema)]),
  );
}

/** Without the name of its draft: editors read an older one, of which this is a part too. */
function plain(schema) {
  return { ...schema, $schema: undefined };
}

function onlySchemas(root) {
  const kept = [join(root, 'server', 'src', 'mcp'), join(root, 'schemas')];
  return {
    name: 'only-schemas',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir, importer }) => {
        const isOfPackage = importer.includes(`${sep}node_modules${sep}`);
        const isKept = kept.some((folder) => join(resolveDir, path).startsWith(folder + sep));
        return isOfPackage || isKept ? undefined : { path, namespace: 'none' };
      });
      // Any name can be imported from it, and none is called.
      onLoad({ filter: /.*/, namespace: 'none' }, () => ({
        contents: 'module.exports = new Proxy({}, { get: () => () => undefined });',
      }));
    },
  };
}
