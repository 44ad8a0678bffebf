import { hostPortText } from '../../../../schemas/config/hostPortText.ts';
import { dirname, resolve } from 'node:path';
import type { Config } from '../../../../schemas/config/configKeys.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import {
  frontendOptions,
  type FrontendOption,
  type FrontendOptionName,
  type FrontendOptions,
} from '../../../../schemas/programs/frontendOptions.ts';
import { nearest } from '../../config/nearest.ts';

export interface CommandLine {
  /** What was given, under the option's own name. */
  readonly given: Partial<FrontendOptions>;
  readonly configPath: string | undefined;
  readonly wantsHelp: boolean;
}

const names = Object.keys(frontendOptions) as FrontendOptionName[];
const defaults = Object.fromEntries(
  names.map((name) => [name, frontendOptions[name].default]),
) as unknown as FrontendOptions;

/** Reads `--name=value`, `--name value`, `--flag` for a boolean, and `-c path`. Names are not case-sensitive.
 *  @throws ServingError "wrong-use" that names the option and, for an unknown one, what was probably meant */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const given: Partial<Record<FrontendOptionName, string | number | boolean>> = {};
  let configPath: string | undefined;
  let wantsHelp = false;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '-h' || arg === '--help') {
      wantsHelp = true;
      continue;
    }
    const [, word = '', inline] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (word === '') throw wrongUse(`"${arg}" is not an option. Options are written --name=value.`);
    const value = (): string => {
      if (inline !== undefined) return inline;
      const next = args[++i];
      if (next === undefined) throw wrongUse(`${arg} needs a value.`);
      return next;
    };
    if (word === 'c' || word === 'config') {
      configPath = value();
      continue;
    }
    const name = nameOf(word);
    const row: FrontendOption = frontendOptions[name];
    const next = args[i + 1];
    const isBareFlag = row.type === 'boolean' && inline === undefined && !/^(true|false)$/i.test(next ?? '');
    given[name] = isBareFlag ? true : readValue(name, row, value());
  }
  return { given: given as Partial<FrontendOptions>, configPath, wantsHelp };
}

function nameOf(word: string): FrontendOptionName {
  const wanted = word.toLowerCase();
  for (const name of names) {
    const { aliases = [] }: FrontendOption = frontendOptions[name];
    if ([name, ...aliases].some((known) => known.toLowerCase() === wanted)) return name;
  }
  const meant = nearest(word, names);
  throw wrongUse(
    `There is no option --${word}.${meant === undefined ? ' --help lists them.' : ` Did you mean --${meant}?`}`,
  );
}

function readValue(name: string, row: FrontendOption, text: string): string | number | boolean {
  if (row.type === 'boolean') {
    if (/^true$/i.test(text)) return true;
    if (/^false$/i.test(text)) return false;
    throw wrongUse(`--${name} is true or false, not "${text}".`);
  }
  if (row.type === 'enum') {
    if (row.values.includes(text)) return text;
    throw wrongUse(`--${name} is ${row.values.join(' or ')}, not "${text}".`);
  }
  if (row.type !== 'int') return text;
  const value = Number(text);
  const { min, max = Number.MAX_SAFE_INTEGER } = row;
  if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max)
    throw wrongUse(
      `--${name} takes a whole number ${row.max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}, not "${text}".`,
    );
  return value;
}

/** The effective options: what was given, else what the config says, else the defaults.
 *  @param config  of the job to serve, so that queue and Redis need not be named twice */
export function effectiveOptions(
  { given, configPath }: Pick<CommandLine, 'given' | 'configPath'>,
  config: Config | undefined,
  env: NodeJS.ProcessEnv,
): FrontendOptions {
  const fromEnv = env.CLUSTER_SERVING_API_KEY ? { apiKey: env.CLUSTER_SERVING_API_KEY } : {};
  return {
    ...defaults,
    ...(config ? fromConfig(config, dirname(configPath ?? '')) : {}),
    ...fromEnv,
    ...given,
  };
}

function fromConfig(config: Config, folder: string): Partial<FrontendOptions> {
  return {
    redisHost: config.redisUrl.host,
    redisPort: config.redisUrl.port,
    redisInputQueue: config.jobName,
    redisSecureEnabled: config.redisSecureEnabled,
    redissTrustStorePath:
      config.redisSecureTrustStorePath && resolve(folder, config.redisSecureTrustStorePath),
    redissTrustStoreToken: config.redisSecureTrustStorePassword?.reveal() ?? '',
    redisUsername: config.redisUsername,
    redisPassword: config.redisPassword?.reveal() ?? '',
    redisTimeout: config.redisTimeout,
    queueUsed: config.queueUsed,
    kafkaUrl: config.kafkaUrl.map(hostPortText).join(','),
    kafkaUsername: config.kafkaUsername,
    kafkaPassword: config.kafkaPassword?.reveal() ?? '',
    kafkaSaslMechanism: config.kafkaSaslMechanism,
    kafkaTimeout: config.kafkaTimeout,
    kafkaSecureEnabled: config.kafkaSecureEnabled,
    kafkaSecureTrustStorePath:
      config.kafkaSecureTrustStorePath && resolve(folder, config.kafkaSecureTrustStorePath),
    kafkaSecureTrustStorePassword: config.kafkaSecureTrustStorePassword?.reveal() ?? '',
  };
}

/** The list of options for a terminal. */
export function helpText(): string {
  const lines = names.map((name) => {
    const row: FrontendOption = frontendOptions[name];
    const shown = row.default === '' || row.type === 'secret' ? '' : ` (${String(row.default)})`;
    return `  --${name}=<${row.type}>`.padEnd(36) + row.meaning + shown;
  });
  return [
    'Usage: cluster-serving-http [-c config.yaml] [--option=value ...]',
    '',
    'Serves a job over HTTP. With -c the queue and Redis are those of the config.',
    '',
    ...lines,
    '',
  ].join('\n');
}

function wrongUse(message: string): ServingError {
  return new ServingError('wrong-use', message);
}
