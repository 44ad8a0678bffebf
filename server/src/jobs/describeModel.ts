import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { ServingError } from '../../../schemas/errors.ts';
import type { ModelReport } from '../../../schemas/modelReport.ts';
import { modelTypeRow, runtimeRow } from '../../../schemas/runtimes.ts';
import { readConfig } from '../config/readConfig.ts';
import { diskFiles } from '../model/recognise/diskFiles.ts';
import { locateModel } from '../model/recognise/locateModel.ts';
import { plainPath } from '../model/recognise/plainPath.ts';
import type { ReportReply, ReportRequest } from '../model/reportWorker.ts';
import { refused, type ResolvedModel } from '../model/resolveModel.ts';
import { readStructure } from '../model/structure/readStructure.ts';
import { loadConfig, type LoadedConfig } from '../workspace/loadConfig.ts';
import { modelOf } from './modelOf.ts';

export interface DescribeModelOptions {
  /** A file or a folder, absolute or relative to the current folder. */
  readonly path: string;
  /** What this config says of runtimes and batches holds for the model. */
  readonly configPath: string | undefined;
  /** Where the bundles are. */
  readonly programFolder: string;
}

/** Says what a model takes, gives and consists of, what runs it here, and whether records may share its runs: it is loaded and
 *  tried, in a process of its own.
 *  @throws ServingError "model-missing", "model-undetected", "model-damaged", "config-…" */
export async function describeModel(options: DescribeModelOptions): Promise<ModelReport> {
  const path = resolve(plainPath(options.path));
  const { config, folder } = configFor(path, options.configPath);
  const found = await locateModel(path, diskFiles, { isEncrypted: config.modelEncrypted });
  if ('code' in found) throw refused(found);
  const { type } = found;
  const file = join(found.folder, found.file);
  const files = [found.file, ...(found.weights === undefined ? [] : [found.weights])];
  const [usual] = modelTypeRow(type).runtimes;
  const isEncrypted = config.modelEncrypted && modelTypeRow(type).isDecrypted === true;
  const structure = isEncrypted ? undefined : await readStructure(type, file);
  return {
    file,
    files: files.map((name) => {
      const one = join(found.folder, name);
      return { path: one, bytes: statSync(one).size };
    }),
    type: modelTypeRow(type).title,
    ...(usual === undefined ? {} : { runtime: runtimeRow(usual).title }),
    ...(await loadedBy({ config, folder }, path, options.programFolder)),
    ...(structure ? { structure } : {}),
  };
}

/** A config of nothing but the model has every key at its default. */
function configFor(path: string, configPath: string | undefined): Pick<LoadedConfig, 'config' | 'folder'> {
  if (configPath !== undefined) return loadConfig(configPath);
  const { config } = readConfig(`modelPath: ${JSON.stringify(path)}\n`, {
    env: (name) => process.env[name],
    backend: undefined,
  });
  if (!config) throw new ServingError('wrong-use', `${path} is no path that a config could name.`);
  return { config, folder: '/' };
}

type OfRuntime = Pick<ModelReport, 'runtime' | 'runtimePlace' | 'loaded' | 'trouble'>;

/** Loads it by the runtime that a start would take. */
async function loadedBy(
  { config, folder }: Pick<LoadedConfig, 'config' | 'folder'>,
  path: string,
  programFolder: string,
): Promise<OfRuntime> {
  let resolved: ResolvedModel | undefined;
  try {
    // Of a folder with versions the one that was found, and not the one that the config names.
    resolved = await modelOf({
      config: { ...config, modelPath: path, version: undefined, backend: 'embedded' },
      folder,
    });
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    return { trouble: { code: error.code, message: error.message } };
  }
  if (!resolved) return {};
  const { runtime, place, isEncrypted } = resolved;
  const by = {
    runtime: runtimeRow(runtime).title,
    ...(place.place === '' ? {} : { runtimePlace: place.place }),
  };
  if (isEncrypted)
    return {
      ...by,
      trouble: { message: 'Its files are encrypted: only a worker with the secret can load them.' },
    };
  return { ...by, ...(await load(resolved, config, programFolder)) };
}

async function load(
  { source, runtime, place }: ResolvedModel,
  config: LoadedConfig['config'],
  programFolder: string,
): Promise<Pick<ModelReport, 'loaded' | 'trouble'>> {
  const request: ReportRequest = {
    source,
    runtime,
    place: place.place,
    precision: config.inferencePrecision,
    copies: 1,
    threads: config.threadPerModel,
    batchSize: config.batchSize,
    batching: config.batching,
    allowPickle: config.allowPickle,
    runTimeoutMs: config.inferenceTimeoutMs,
    workerFile: join(programFolder, 'modelWorker.mjs'),
  };
  const { stdout, stderr, exitCode } = await execa(
    process.execPath,
    [join(programFolder, 'reportWorker.mjs'), JSON.stringify(request)],
    { reject: false, stdin: 'ignore', env: { ELECTRON_RUN_AS_NODE: '1' } },
  );
  // Runtimes print to the same output.
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (!last.startsWith('{'))
    return {
      trouble: {
        code: 'model-load-failed',
        message: `The process that loaded it ended with ${exitCode ?? 'a signal'}. ${stderr.trim().split('\n').at(-1) ?? ''}`,
      },
    };
  const reply = JSON.parse(last) as ReportReply;
  return 'loaded' in reply ? { loaded: reply.loaded } : { trouble: reply.error };
}
