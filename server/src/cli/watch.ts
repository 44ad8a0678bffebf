import { knownRedis } from '../jobs/knownRedis.ts';
import { openStateFolder } from '../jobs/stateFolder.ts';
import { watchJobs } from '../jobs/watchJobs.ts';
import { printJson, type ConfigOption } from './output.ts';
import { untilStopped } from './untilStopped.ts';

/** Until Ctrl-C, or until whoever reads has gone. */
export async function watch({ config, interval }: ConfigOption & { interval: number }): Promise<number> {
  const signal = untilStopped();
  const addresses = knownRedis(openStateFolder(), config);
  await Promise.all(
    addresses.map((address) => watchJobs({ address, intervalMs: interval, signal }, printJson)),
  );
  return 0;
}
