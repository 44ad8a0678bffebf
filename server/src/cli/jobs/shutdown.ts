import { existsSync } from 'node:fs';
import { ServingError } from '../../../../schemas/errors.ts';
import { storeSentence, storeText, type StoreAddress } from '../../queue/storeAddress.ts';
import { knownRedis } from '../../jobs/watch/knownRedis.ts';
import { shutdownFlink } from '../../jobs/flink/shutdownFlink.ts';
import { loadJobAddress } from '../../jobs/loadJobAddress.ts';
import { countLoss, shutdown, type Loss } from '../../jobs/stop/shutdown.ts';
import { openStateFolder } from '../../jobs/machine/stateFolder.ts';
import { confirm } from '../confirm.ts';
import { count, print, printJson, type ConfigOption, type JsonOption } from '../output.ts';

export interface ShutdownCommand extends ConfigOption, JsonOption {
  readonly yes?: boolean;
  readonly keepData?: boolean;
  readonly redis?: boolean;
}

export async function shutdownCommand(options: ShutdownCommand): Promise<number> {
  const state = openStateFolder();
  const place = existsSync(options.config) ? loadJobAddress(options.config) : undefined;
  const addresses = place ? [place.store] : knownRedis(state, options.config).addresses;
  for (const address of addresses) {
    const loss = await countLoss(state, address);
    const isKafka = address.kind === 'kafka';
    const goes = (options.redis === true && !isKafka) || (loss?.managedRedis === true && !options.keepData);
    if (loss) {
      if (!options.json) print(describe(loss, address, goes));
      // The original did not ask; a script that calls its command must not wait for an answer.
      if (!options.yes && process.stdin.isTTY && !(await confirm()))
        throw new ServingError('wrong-use', 'Nothing was changed.');
    }
    const result = await shutdown(state, address, {
      keepData: options.keepData ?? false,
      foreignToo: options.redis ?? false,
    });
    if (options.json) printJson({ address: storeText(address), loss: loss ?? null, ...result });
    else
      print(
        {
          removed: `Stopped ${count(result.stopped, 'worker')} and the Redis at ${storeText(address)}; its data is removed.`,
          stopped: `Stopped ${count(result.stopped, 'worker')} and the Redis at ${storeText(address)}.`,
          left: isKafka
            ? `Stopped ${count(result.stopped, 'worker')}. ${storeSentence(address)} goes on, with all that is in it.`
            : `Stopped ${count(result.stopped, 'worker')}. The Redis at ${storeText(address)} was not started here and goes on (--redis shuts it down).`,
          absent: `Nothing runs at ${storeText(address)}.`,
        }[result.redis],
      );
  }
  const clusters = await shutdownFlink(state, place?.flinkRestUrl.port);
  for (const { port, keptBy } of clusters) {
    if (options.json) printJson({ flink: `localhost:${port}`, keptBy });
    else if (keptBy.length === 0) print(`Stopped the Flink cluster at localhost:${port}.`);
    else print(`The Flink cluster at localhost:${port} goes on, for ${keptBy.join(', ')}.`);
  }
  return 0;
}

function describe({ jobs, waiting, unread, dead }: Loss, address: StoreAddress, goes: boolean): string {
  const names = jobs.map((job) => `"${job}"`).join(', ') || 'no job';
  if (address.kind === 'kafka')
    return `This stops ${names}. The ${count(waiting, 'waiting record')} and all results stay in Kafka.`;
  return goes
    ? `This stops ${names} and the Redis at ${storeText(address)}. ${count(waiting, 'waiting record')}, ${count(unread, 'unread result')} and ${count(dead, 'dead letter')} will be lost.`
    : `This stops ${names}. The ${count(waiting, 'waiting record')} and ${count(unread, 'unread result')} stay in Redis.`;
}
