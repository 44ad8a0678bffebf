import { resolve } from 'node:path';
import type { JobEvent } from '../../../../schemas/jobEvents.ts';
import { watchJobs } from '../../jobs/watch/watchJobs.ts';
import { watchKnownRedis } from '../../jobs/watch/watchKnownRedis.ts';
import { printJson, type ConfigOption } from '../output.ts';
import { untilStopped } from './untilStopped.ts';

/** Until Ctrl-C, or until the reader has gone. */
export async function watch({ config, interval }: ConfigOption & { interval: number }): Promise<number> {
  const signal = untilStopped();
  const emit = (event: JobEvent) => printJson(event);
  await watchKnownRedis({
    configPath: config,
    intervalMs: interval,
    signal,
    watch: (address) => watchJobs({ address, intervalMs: interval, signal }, emit),
    onProblem: (error) => emit({ event: 'config', at: Date.now(), configPath: resolve(config), error }),
  });
  return 0;
}
