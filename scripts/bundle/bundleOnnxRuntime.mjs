import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
const binaries = join('bin', 'napi-v6');

/** Puts ONNX Runtime beside the bundles: its JavaScript as one file, and the binaries of one platform only. The whole
 *  package has those of all platforms, six times as much.
 *  @param {string} dist  where the bundles are
 *  @param {string} target  such as linux-x64
 *  @returns what esbuild says of the build @throws Error where it has no binaries for that platform */
export async function bundleOnnxRuntime(dist, target = `${process.platform}-${process.arch}`) {
  const [platform, arch] = target.split('-');
  const from = join(runtime, binaries, platform, arch);
  if (!existsSync(from))
    throw new Error(`ONNX Runtime has no binaries for ${target}; it has ${knownTargets().join(', ')}.`);
  const folder = join(dist, 'onnxRuntime');
  const to = join(folder, binaries, platform, arch);
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) copyFileSync(join(from, name), join(to, name));
  const { name, version, license } = JSON.parse(readFileSync(join(runtime, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version, license }));
  return build({
    entryPoints: { index: join(runtime, 'dist', 'index.js') },
    outdir: join(folder, 'dist'),
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    // Errors and tensors are distinguished by the names of their classes.
    keepNames: true,
    logLevel: 'warning',
    metafile: true,
    banner: { js: 'const requireBinary = require;' },
    plugins: [{ name: 'binaries stay outside', setup: keepBinariesOutside }],
  });
}

/** What it asks for by a path that is put together when it runs stays where it is, below `bin`. */
function keepBinariesOutside({ onLoad }) {
  onLoad({ filter: /onnxruntime-node[\\/]dist[\\/]binding\.js$/ }, ({ path }) => {
    const text = readFileSync(path, 'utf8');
    const contents = text.replace('require(`../bin', 'requireBinary(`../bin');
    if (contents === text) throw new Error(`${path} asks for its binaries in another way than it did.`);
    return { contents };
  });
}

function knownTargets() {
  const folder = join(runtime, binaries);
  return readdirSync(folder).flatMap((platform) =>
    readdirSync(join(folder, platform)).map((arch) => `${platform}-${arch}`),
  );
}
