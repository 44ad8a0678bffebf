import type { LogFacts } from '../../../schemas/logs.ts';
import type { Answer, QueuedRecord } from '../queue/recordQueue.ts';
import type { Log } from './log.ts';

/* What the log says of the queue. */

/** Trouble is logged once when it begins and once when it ends, not at every attempt.
 *  @param store  what holds the queue: Redis or Kafka */
export function onTrouble(log: Log, store = 'Redis'): (message: string | null) => void {
  let last: string | null = null;
  return (message) => {
    if (message === last) return;
    if (message === null) log.info(`${store} answers again`);
    else log.warn(`waiting for ${store}: ${message}`);
    last = message;
  };
}

export function onRefused(log: Log): (answer: Answer, reason: string) => void {
  return ({ record }, reason) => {
    log.error(`${recordName(record)} given up: ${reason}`, undefined, recordFacts(record));
  };
}

/** A record in a sentence. */
export function recordName({ id, uri }: QueuedRecord): string {
  return `record ${id} (uri ${uri ?? 'none'})`;
}

export function recordFacts({ id, uri, traceparent }: QueuedRecord): LogFacts {
  return {
    recordId: id,
    ...(uri === undefined ? {} : { uri }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
