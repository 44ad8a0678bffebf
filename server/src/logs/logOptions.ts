import { parseArgs } from 'node:util';
import { logDefaults, logSettingsOption, type LogLine, type LogSettings } from '../../../schemas/logs.ts';

/** Whose log it is. */
export type LogOwner = Pick<LogLine, 'job' | 'worker'>;

/** How the process of a worker logs, as its arguments say it. */
export interface LogOptions {
  readonly file: string;
  readonly settings: LogSettings;
  readonly owner: LogOwner;
}

/** Reads what a worker and what supervises it have in common. */
export function readLogOptions(args: readonly string[]): LogOptions {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: { log: { type: 'string' }, worker: { type: 'string' }, [logSettingsOption]: { type: 'string' } },
  });
  const given = values[logSettingsOption];
  const { job, ...settings } = (
    typeof given === 'string' ? JSON.parse(given) : {}
  ) as Partial<LogSettings> & {
    job?: string;
  };
  return {
    file: String(values.log ?? ''),
    settings: {
      format: logDefaults.format,
      maxBytes: logDefaults.maxMegabytes * bytesPerMegabyte,
      files: logDefaults.files,
      printed: false,
      ...settings,
    },
    owner: { ...(job === undefined ? {} : { job }), worker: String(values.worker ?? '') },
  };
}

const bytesPerMegabyte = 1_000_000;
