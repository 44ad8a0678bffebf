import { existsSync } from 'node:fs';
import { loadJobAddress } from '../loadJobAddress.ts';

/** The job of a config, if there is one that can be read: its queue is looked at although nothing may serve it. */
export function configuredQueue(configPath: string): string | undefined {
  try {
    return existsSync(configPath) ? loadJobAddress(configPath).jobName : undefined;
  } catch {
    return undefined;
  }
}
