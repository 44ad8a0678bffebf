import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ServingError } from '../../../../../schemas/errors.ts';
import { flinkNode, type FlinkProcessor } from '../../../../../schemas/flinkJob.ts';
import { digestOf, factsOf, fetchPackage, keep, packageFolder, partsOf, zip, type LocalArchive } from './archives.ts';
import { sentRuntime } from './sentRuntime.ts';

export interface LocalProgram {
  readonly node: LocalArchive;
  readonly worker: LocalArchive;
  /** What runs the model, where that is sent along. */
  readonly runtime?: LocalArchive;
}

export interface ProgramOptions {
  /** Where archives are kept. */
  readonly folder: string;
  /** The bundle of the worker. */
  readonly workerFolder: string;
  readonly processor: FlinkProcessor;
  /** The library of OpenVINO on this machine, for a model that it runs. */
  readonly openvino: string | undefined;
  /** Called before what takes long is done, which is once. */
  readonly onPack: () => void;
  readonly signal: AbortSignal;
}

/** Puts together what workers on Flink run on; what is there from an earlier start is taken.
 *  @throws ServingError "flink-program" or "state-unwritable" */
export async function flinkProgram(options: ProgramOptions): Promise<LocalProgram> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const { openvino } = options;
  return {
    node: await nodeArchive(options),
    worker: await workerArchive(options),
    ...(openvino === undefined ? {} : { runtime: await sentRuntime({ ...options, openvino }) }),
  };
}

async function nodeArchive({ folder, processor, onPack, signal }: ProgramOptions): Promise<LocalArchive> {
  const name = `node-${flinkNode.version}-${processor}`;
  return keep(folder, name, async () => {
    onPack();
    const installed = await fetchPackage(folder, `node-linux-${processor}`, flinkNode.version, signal);
    try {
      const program = join(installed.folder, 'bin', 'node');
      const digest = existsSync(program) ? await digestOf(program) : 'none';
      if (digest !== flinkNode.digests[processor])
        throw new ServingError(
          'flink-program',
          `The package node-linux-${processor} ${flinkNode.version} that npm fetched holds another Node.js than it should (SHA-256 ${digest}). See which registry npm asks: npm config get registry.`,
        );
      return await zip(folder, name, new Map([['node', program]]));
    } finally {
      installed.remove();
    }
  });
}

/** The bundle, and what of ONNX Runtime it needs there. */
async function workerArchive(options: ProgramOptions): Promise<LocalArchive> {
  const { folder, workerFolder, processor, onPack, signal } = options;
  if (!existsSync(join(workerFolder, 'worker.mjs')))
    throw new ServingError('flink-program', `The worker for Flink is missing: ${workerFolder}. "npm run build" makes it.`);
  const { runtime, to, more } = runtimeFor(workerFolder);
  const libraries = join('bin', 'napi-v6', 'linux', processor);
  const hasLibraries = existsSync(join(runtime, libraries));
  const files = new Map([
    ...partsOf(workerFolder, [''], ''),
    ...partsOf(runtime, ['package.json', 'dist', ...(hasLibraries ? [libraries] : [])], to),
    ...more,
  ]);
  const name = `worker-${factsOf(files)}-${processor}`;
  return keep(folder, name, async () => {
    for (const old of readdirSync(folder)) if (old.startsWith('worker-')) rmSync(join(folder, old), { force: true });
    if (hasLibraries) return zip(folder, name, files);
    // An installation for one platform has its own libraries only; the package has those of all.
    onPack();
    const { version } = JSON.parse(readFileSync(join(runtime, 'package.json'), 'utf8')) as { version: string };
    const fetched = await fetchPackage(folder, 'onnxruntime-node', version, signal);
    try {
      return await zip(
        folder,
        name,
        new Map([...files, ...partsOf(fetched.folder, [libraries], to)]),
      );
    } finally {
      fetched.remove();
    }
  });
}

interface Runtime {
  readonly runtime: string;
  /** Its folder in the archive. */
  readonly to: string;
  readonly more: readonly [string, string][];
}

/** A build has ONNX Runtime in one folder beside its bundles; else it is that of `node_modules`. */
function runtimeFor(workerFolder: string): Runtime {
  const beside = join(workerFolder, '..', 'onnxRuntime');
  if (existsSync(beside)) return { runtime: beside, to: 'onnxRuntime', more: [] };
  const runtime = packageFolder('onnxruntime-node', workerFolder);
  const common = packageFolder('onnxruntime-common', runtime);
  const more = partsOf(common, ['package.json', join('dist', 'cjs')], 'node_modules/onnxruntime-common');
  return { runtime, to: 'node_modules/onnxruntime-node', more };
}
