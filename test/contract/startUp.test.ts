import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The packages that a program reads before its first line runs. */
async function packagesReadAtOnce(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    outdir: 'dist',
    write: false,
    metafile: true,
    external: ['onnxruntime-node'],
  });
  const outputs = metafile.outputs;
  const seen = new Set(Object.keys(outputs).filter((name) => outputs[name]?.entryPoint === entry));
  for (const name of seen)
    for (const { path, kind, external } of outputs[name]?.imports ?? [])
      if (!external && kind === 'import-statement') seen.add(path);
  const inputs = [...seen].flatMap((name) => Object.keys(outputs[name]?.inputs ?? {}));
  return [...new Set(inputs.map((path) => /node_modules\/((@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'ours'))];
}

test('the command line reads no package but its parser of options before it knows the command', async () => {
  expect([...(await packagesReadAtOnce('server/src/cli/main.ts'))].sort()).toEqual(['commander', 'ours']);
});
