import { dirname, resolve } from 'node:path';
import { messageOf, ServingError } from '../../../schemas/errors.ts';
import { modelTypeRow, runtimeRow, type ModelType } from '../../../schemas/runtimes.ts';
import { explainConfig, type ExplainedKey } from '../config/explainConfig.ts';
import { formatProblem } from '../config/readConfig.ts';
import { diskFiles } from '../model/recognise/diskFiles.ts';
import { locateModel } from '../model/recognise/locateModel.ts';
import { plainPath } from '../model/recognise/plainPath.ts';
import { readConfigFile } from '../workspace/loadConfig.ts';
import { isRemotePath } from './flink/submit/modelSource.ts';
import { modelOf } from './modelOf.ts';

export interface ExplainedConfig {
  /** Absolute. */
  readonly path: string;
  /** Whether a start would accept it, the model aside. */
  readonly valid: boolean;
  /** As `file:line:col: severity CODE: message`. */
  readonly problems: readonly string[];
  readonly keys: readonly ExplainedKey[];
  readonly model?: { readonly file: string; readonly type: string; readonly runtime: string };
  /** Why the model is not known. */
  readonly modelTrouble?: string;
}

/** What a config means in effect, sound or not: each value with where it comes from, and the model with what runs it.
 *  @throws ServingError "config-unreadable" */
export async function explainJob(path: string): Promise<ExplainedConfig> {
  const { full, text, read } = readConfigFile(path);
  const { config, problems } = read;
  const folder = dirname(full);
  const found = config ? await lookForModel({ folder, config }) : {};
  const { resolved } = found;
  const type = config && (resolved?.found.type ?? (await typeOf(folder, config.modelPath)));
  return {
    path: full,
    valid: config !== undefined,
    problems: problems.map((problem) => formatProblem(path, text, problem)),
    keys: explainConfig(text, read, type),
    ...(resolved
      ? {
          model: {
            file: resolved.source.file,
            type: modelTypeRow(resolved.source.type).title,
            runtime: runtimeRow(resolved.runtime).title,
          },
        }
      : {}),
    ...(found.trouble === undefined ? {} : { modelTrouble: found.trouble }),
  };
}

async function lookForModel(loaded: Parameters<typeof modelOf>[0]): Promise<{
  readonly resolved?: NonNullable<Awaited<ReturnType<typeof modelOf>>>;
  readonly trouble?: string;
}> {
  try {
    const resolved = await modelOf(loaded);
    return resolved ? { resolved } : {};
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    return { trouble: messageOf(error) };
  }
}

/** The type of a model whose runtime may be missing. */
async function typeOf(folder: string, modelPath: string): Promise<ModelType | undefined> {
  if (isRemotePath(modelPath)) return undefined;
  const located = await locateModel(resolve(folder, plainPath(modelPath)), diskFiles);
  return 'type' in located ? located.type : undefined;
}
