import type { QueueEvent, QueueReport } from '../../../../schemas/redis/queueReports.ts';
import { storeText } from '../../queue/storeAddress.ts';
import { watchRedis, type WatchOptions } from './watchRedis.ts';

/** Reports every change of a Redis's queues until aborted, with the rate at which records come in.
 *  @param named  queues to report although nothing may serve them */
export async function watchQueues(
  options: WatchOptions,
  named: readonly string[],
  emit: (event: QueueEvent) => void,
): Promise<void> {
  const redis = storeText(options.address);
  const rateIn = createRates();
  let isFirst = true;
  await watchRedis(options, {
    read: async (store) => {
      const queues = await store.queues.readQueueReports(redis, named);
      if (isFirst)
        emit({ event: 'queues', at: Date.now(), redis, jobNames: queues.map(({ jobName }) => jobName) });
      isFirst = false;
      return queues.map(rateIn);
    },
    onChange: (queue) => emit({ event: 'queue', at: Date.now(), queue }),
    onGone: (jobName) => emit({ event: 'gone', at: Date.now(), jobName, redis }),
    onTrouble: (error) => emit({ event: 'redis', at: Date.now(), redis, error }),
  });
}

/** Adds to each report what came in since the one before it, per second. */
export function createRates(now = () => performance.now()): (queue: QueueReport) => QueueReport {
  const before = new Map<string, { readonly added: number; readonly at: number }>();
  return (queue) => {
    const { jobName, added } = queue;
    if (added === undefined) return queue;
    const at = now();
    const last = before.get(jobName);
    before.set(jobName, { added, at });
    // A stream that was deleted counts from zero again.
    if (!last || added < last.added || at <= last.at) return queue;
    return { ...queue, inPerSecond: Math.round(((added - last.added) * 1000) / (at - last.at)) };
  };
}
