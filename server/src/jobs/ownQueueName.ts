import { existsSync } from 'node:fs';
import { loadConfig } from './loadConfig.ts';

/** The job of a config, if there is one that can be read: its queue is looked at although nothing may serve it. */
export function ownQueueName(configPath: string): string | undefined {
  try {
    return existsSync(configPath) ? loadConfig(configPath).config.jobName : undefined;
  } catch {
    return undefined;
  }
}
