import { logDefaults, logFormats } from '../logs.ts';
import type { ConfigKey } from './configKey.ts';

/** The keys of config.yaml for the logs of workers. */
export const logKeys = {
  logFormat: {
    type: 'enum',
    values: logFormats,
    default: logDefaults.format,
    meaning: 'How embedded workers log: text for people, or json with one object a line.',
    example: 'json',
    snippet: '${1|text,json|}',
    readBy: ['start'],
    notInOriginal: true,
  },
  logMaxMegabytes: {
    type: 'int',
    default: logDefaults.maxMegabytes,
    min: 1,
    max: 100_000,
    unit: 'MB',
    meaning: 'How large a log may become before it is moved to .1, and that to .2.',
    example: '50',
    readBy: ['start'],
    notInOriginal: true,
  },
  logFiles: {
    type: 'int',
    default: logDefaults.files,
    min: 2,
    max: 1000,
    unit: 'files',
    meaning: 'How many files each log may have.',
    example: '10',
    readBy: ['start'],
    notInOriginal: true,
  },
} as const satisfies Record<string, ConfigKey>;
