import { knownRedis } from '../jobs/knownRedis.ts';
import { openStateFolder } from '../jobs/stateFolder.ts';
import { watchJobs } from '../jobs/watchJobs.ts';
import { printJson, type ConfigOption } from './output.ts';

/** Until Ctrl-C, or until whoever reads has gone. */
export async function watch({ config, interval }: ConfigOption & { interval: number }): Promise<number> {
  const end = new AbortController();
  const stop = () => {
    end.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.stdout.on('error', stop);
  const addresses = knownRedis(openStateFolder(), config);
  await Promise.all(
    addresses.map((address) =>
      watchJobs({ address, intervalMs: interval, emit: printJson, signal: end.signal }),
    ),
  );
  return 0;
}
