import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '../../../schemas/config/configKeys.ts';
import { ServingError } from '../../../schemas/errors.ts';
import type { Backend } from '../../../schemas/jobEvents.ts';
import type { Problem } from '../../../schemas/config/problems.ts';
import { formatProblem, readConfig, type ReadConfig } from '../config/readConfig.ts';
import { decodeText, maxBytes, tooLarge } from './decodeText.ts';

export interface LoadedConfig {
  /** Absolute. */
  readonly path: string;
  readonly folder: string;
  readonly config: Config;
  /** Warnings and below, as `file:line:col: warning CODE: message`. */
  readonly warnings: readonly string[];
}

/** Reads a config file; every program that runs by one reads it so. @throws ServingError "config-unreadable", or
 *  "config-invalid" whose message has one line `file:line:col: error CODE: message` for each error
 *  @param backend  where the command line names one */
export function loadConfig(path: string, backend?: Backend): LoadedConfig {
  const { full, text, read } = readConfigFile(path, backend);
  const { config, problems } = read;
  const lines = (wanted: (problem: Problem) => boolean) =>
    problems.filter(wanted).map((problem) => formatProblem(path, text, problem));
  if (!config)
    throw new ServingError('config-invalid', lines(({ severity }) => severity === 'error').join('\n'));
  return {
    path: full,
    folder: dirname(full),
    config,
    // Whether there is a secret for records a start finds out in Redis.
    warnings: lines(({ severity, code }) => severity === 'warning' && code !== 'record-secret'),
  };
}

/** A config file as it stands there, sound or not. @throws ServingError "config-unreadable" */
export function readConfigFile(
  path: string,
  backend?: Backend,
): { readonly full: string; readonly text: string; readonly read: ReadConfig } {
  const full = resolve(path);
  const text = readText(path, full);
  return { full, text, read: readConfig(text, { env: (name) => process.env[name], backend }) };
}

function readText(path: string, full: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(full);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT'
        ? 'there is no such file. Run "cluster-serving init" to make one, or name it with -c'
        : code === 'EISDIR'
          ? 'that is a folder; name the file in it'
          : code === 'EACCES'
            ? 'permission denied'
            : String(code);
    throw new ServingError('config-unreadable', `${path}: ${why}.`, { cause: error });
  }
  const found = bytes.length > maxBytes ? tooLarge(bytes.length, bytes.subarray(0, 0)) : decodeText(bytes);
  if (found.text === undefined)
    throw new ServingError('config-unreadable', `${path} ${found.trouble}; that is no config file.`);
  return found.text;
}
