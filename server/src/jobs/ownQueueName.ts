import { existsSync } from 'node:fs';
import { loadPlace } from './loadPlace.ts';

/** The job of a config, if there is one that can be read: its queue is looked at although nothing may serve it. */
export function ownQueueName(configPath: string): string | undefined {
  try {
    return existsSync(configPath) ? loadPlace(configPath).jobName : undefined;
  } catch {
    return undefined;
  }
}
