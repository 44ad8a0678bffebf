import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import type { Config } from '../../../../schemas/config/configKeys.ts';
import { workerJob } from '../../config/workerJob.ts';
import { runtimesFolder, stateFolderPath } from '../../jobs/machine/stateFolderPath.ts';
import { diskFiles } from '../../model/recognise/diskFiles.ts';
import { plainPath } from '../../model/recognise/plainPath.ts';
import { resolveModel, type ResolvedModel } from '../../model/resolveModel.ts';
import { configDigest } from '../../queue/registry/workerRegistry.ts';
import { loadConfig, readConfigFile } from '../../workspace/loadConfig.ts';
import { configPrint, modelPrint } from './filesPrint.ts';
import { Refusal, type NotedRollout, type Target, type TargetSource } from './target.ts';

export interface ConfigTargetsOptions {
  readonly configPath: string;
  /** Overrides threadPerModel. */
  readonly threads: number | undefined;
  /** Takes over what of a config concerns the queue. */
  readonly onApply: (config: Config) => void;
}

/** A worker's targets, from its config.yaml. */
export function createConfigTargets(options: ConfigTargetsOptions): TargetSource {
  const configPath = resolve(options.configPath);
  const folder = dirname(configPath);
  const name = createHash('sha1').update(configPath).digest('hex');
  const pinFile = join(stateFolderPath(), 'pins', name);
  const rolloutFile = join(stateFolderPath(), 'rollouts', name);
  /** Where the model is looked for, by the config that was sound last. */
  let modelPath: string | undefined;

  function readSound(): Config {
    const { config, problems } = readConfigFile(configPath).read;
    if (config) return config;
    const first = problems.find(({ severity }) => severity === 'error');
    throw new Refusal(
      first?.code ?? 'config-invalid',
      first?.message ?? 'The config has errors.',
      first?.data?.key,
    );
  }

  async function targetOf(config: Config, print: string): Promise<Target> {
    const search = { env: process.env, installedIn: runtimesFolder(stateFolderPath()) };
    const model = await resolveModel({ config, configFolder: folder, files: diskFiles, search });
    const job = workerJob(config, {
      configPath,
      configDigest: configDigest(config),
      modelType: model.found.type,
      threads: options.threads,
    });
    return { config, job, model, print, modelPrint: await printOf(model, config.modelPath) };
  }

  async function print(): Promise<string> {
    const parts = [await configPrint(configPath)];
    const path = whereModelIs() ?? modelPath;
    if (path !== undefined) parts.push(path, await modelPrint(path));
    return parts.join(' ');
  }

  /** The config may be broken just now. */
  function whereModelIs(): string | undefined {
    try {
      const { modelPath: written } = readSound();
      modelPath = resolve(folder, plainPath(written));
      return modelPath;
    } catch {
      return undefined;
    }
  }

  return {
    async first() {
      const at = await print();
      const { config } = loadConfig(options.configPath);
      const pinned = readNote(pinFile);
      const version = pinned?.print === at ? Number(pinned.version) : config.version;
      return targetOf({ ...config, version }, at);
    },
    async read() {
      const at = await print();
      return targetOf(readSound(), at);
    },
    async readBefore({ config, model: { found } }) {
      const { version, versions = [] } = found;
      const before = versions[versions.indexOf(version ?? '') - 1];
      if (before !== undefined) return targetOf({ ...config, version: Number(before) }, await print());
      throw new Refusal(
        'rollback-impossible',
        `There is nothing to go back to: the worker has served nothing else, and there is no version before ${found.folder}.`,
      );
    },
    readVersion: async ({ config }, version) =>
      targetOf({ ...config, version: Number(version) }, await print()),
    print,
    printModel: ({ model, config }) => printOf(model, config.modelPath),
    apply: ({ config }) => options.onApply(config),
    // Without it a worker that starts again serves the newest, which is what a fresh start does, too.
    pin: (pinned) => writeNote(pinFile, pinned),
    noteRollout: (noted) => writeNote(rolloutFile, noted),
    notedRollout: () => rolloutOf(readNote(rolloutFile)),
  };
}

/** Of the whole folder, unless the config names a file in it. */
function printOf({ source, found }: ResolvedModel, written: string): Promise<string> {
  const isFile = plainPath(written).endsWith(basename(source.file));
  return modelPrint(isFile ? source.file : found.folder);
}

/** Does nothing where the state folder cannot be written. */
function writeNote(file: string, note: object | undefined): void {
  try {
    if (!note) rmSync(file, { force: true });
    else {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileSync(file, JSON.stringify(note), { mode: 0o600 });
    }
  } catch {
    // What it is for is lost with the worker.
  }
}

function readNote(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function rolloutOf(note: ReturnType<typeof readNote>): NotedRollout | undefined {
  const { served, version, percent, isShadow } = note ?? {};
  if (typeof served !== 'string' || typeof version !== 'string' || typeof percent !== 'number')
    return undefined;
  return { served, version, percent, isShadow: isShadow === true };
}
