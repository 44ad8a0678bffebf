import { hostPortText } from '../../../schemas/config/hostPortText.ts';
import type { Filter, HostPort, ImageSize } from '../../../schemas/config/configKey.ts';
import { configKeys, keyNames, type KeyName } from '../../../schemas/config/configKeys.ts';
import type { ModelType } from '../../../schemas/runtimes.ts';
import { effectiveConfig } from './effectiveConfig.ts';
import { isRefused } from './isRefused.ts';
import { lineColumn } from './lines.ts';
import type { Origin, ReadConfig } from './readConfig.ts';
import { envNames } from './values/env.ts';

type Shown = string | number | boolean | null;

/** A key of a config, with the value that counts and where that comes from. */
export interface ExplainedKey {
  readonly key: KeyName;
  /** As it would be written; null where there is none, or it is not known. A password is `***`. A text with parts from the environment is as it
   *  is written, without their values. */
  readonly value: Shown;
  readonly origin: Origin['origin'] | 'coreNumberPerMachine';
  /** Where the key is written, counted from 1. */
  readonly line?: number;
  /** The variables of the environment that the value is taken from. */
  readonly variables?: readonly string[];
  /** What is written there cannot be read, so that the default counts; no start accepts that. */
  readonly refused?: true;
  /** What the config has, where coreNumberPerMachine replaces it. */
  readonly replaced?: number;
  readonly meaning: string;
}

/** What every key of a config is in effect.
 *  @param read  of this text
 *  @param type  of the model; undefined where it is not known, and then what coreNumberPerMachine makes is not known either */
export function explainConfig(text: string, read: ReadConfig, type: ModelType | undefined): ExplainedKey[] {
  const effective = read.config && effectiveConfig(read.config, type);
  const dependsOnModel = type === undefined && Number(read.origins.coreNumberPerMachine.value) > 0;
  return keyNames.map((key) => {
    const { origin, value, keyRange, valueRange } = read.origins[key];
    const written = valueRange ? text.slice(valueRange.start, valueRange.end) : '';
    const variables = envNames(written);
    const common = {
      key,
      ...(keyRange ? { line: lineColumn(text, keyRange.start).line } : {}),
      ...(variables.length > 0 ? { variables } : {}),
      ...(valueRange && isRefused(read, valueRange) ? { refused: true as const } : {}),
      meaning: configKeys[key].meaning,
    };
    const isMade = key === 'modelParallelism' || key === 'threadPerModel';
    if (effective && isMade && (dependsOnModel || effective.overridden.includes(key)))
      return {
        ...common,
        value: dependsOnModel ? null : effective[key],
        origin: 'coreNumberPerMachine',
        replaced: value as number,
      };
    const isFromOutside = variables.length > 0 && !('refused' in common);
    return { ...common, value: shownValue(key, value, isFromOutside ? written : undefined), origin };
  });
}

/** @param written  where it comes from the environment: a text from there may be a secret in the wrong place */
function shownValue(key: KeyName, value: unknown, written: string | undefined): Shown {
  if (key === 'version') return (value as number | undefined) ?? 'latest';
  if (value === undefined || value === '') return null;
  const { type } = configKeys[key];
  switch (type) {
    case 'secret':
      return '***';
    case 'hostPort': {
      const { host, port } = value as HostPort;
      return written ?? `${host}:${port}`;
    }
    case 'brokers':
      return written ?? (value as readonly HostPort[]).map(hostPortText).join(',');
    case 'imageSize': {
      const { height, width } = value as ImageSize;
      return `${height},${width}`;
    }
    case 'filter': {
      const { kind, n } = value as Filter;
      return `${kind}(${n})`;
    }
    case 'string':
    case 'path':
      return written ?? (value as string);
    default:
      return value as Shown;
  }
}
