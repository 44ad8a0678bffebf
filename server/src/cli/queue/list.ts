import { resolve } from 'node:path';
import { messageOf } from '../../../../schemas/errors.ts';
import type { QueueEvent, QueueReport } from '../../../../schemas/redis/queueReports.ts';
import { chooseRedis } from '../../jobs/redis/openQueue.ts';
import { watchKnownRedis } from '../../jobs/watch/watchKnownRedis.ts';
import { watchQueues } from '../../jobs/watch/watchQueues.ts';
import { configuredQueue } from '../../jobs/redis/configuredQueue.ts';
import { openStore } from '../../queue/openStore.ts';
import { type StoreAddress, storeText } from '../../queue/storeAddress.ts';
import { paint, print, printJson, span, table } from '../output.ts';
import { untilStopped } from '../jobs/untilStopped.ts';
import type { QueueOptions } from './options.ts';

export interface ListOptions extends QueueOptions {
  readonly follow?: boolean;
  readonly interval: number;
}

export async function list(names: readonly string[], options: ListOptions): Promise<number> {
  const own = configuredQueue(options.config);
  const named = [...names, ...(own === undefined ? [] : [own])];
  if (options.follow) {
    const signal = untilStopped();
    const emit = (event: QueueEvent) => printJson(event);
    const watch = (address: StoreAddress) =>
      watchQueues({ address, intervalMs: options.interval, signal }, named, emit);
    if (options.redis !== undefined) await Promise.all(chooseRedis(options.config, options.redis).map(watch));
    else
      await watchKnownRedis({
        configPath: options.config,
        intervalMs: options.interval,
        signal,
        watch,
        onProblem: (error) =>
          emit({ event: 'config', at: Date.now(), configPath: resolve(options.config), error }),
      });
    return 0;
  }
  const addresses = chooseRedis(options.config, options.redis);
  const reports = await Promise.all(addresses.map((address) => report(address, named)));
  const queues = reports.flatMap((one) => one.queues);
  const errors = reports.flatMap(({ redis, error }) => (error === undefined ? [] : [{ redis, error }]));
  if (options.json) printJson({ queues, errors });
  else show(queues, errors, addresses.map(storeText));
  return queues.length === 0 && errors.length > 0 ? 1 : 0;
}

interface RedisQueues {
  readonly redis: string;
  readonly queues: readonly QueueReport[];
  readonly error?: string;
}

async function report(address: StoreAddress, named: readonly string[]): Promise<RedisQueues> {
  const redis = storeText(address);
  try {
    const store = await openStore(address);
    try {
      return { redis, queues: await store.queues.readQueueReports(redis, named) };
    } finally {
      store.close();
    }
  } catch (error) {
    return { redis, queues: [], error: messageOf(error) };
  }
}

function show(
  queues: readonly QueueReport[],
  errors: readonly { readonly error: string }[],
  places: readonly string[],
): void {
  for (const { error } of errors) print(paint('yellow', error));
  if (queues.length === 0) {
    print(`No queues at ${places.join(', ')}.`);
    return;
  }
  const head = ['QUEUE', 'WAITING', 'PENDING', 'DEAD', 'OLDEST', 'OUT', 'LENGTH', 'REDIS'];
  print(table([head.map((cell) => paint('bold', cell)), ...queues.map(row)]));
  for (const { jobName, groups, partitions = [] } of queues) {
    for (const { name, pending, behind, consumerCount, consumers } of groups) {
      const behindText = behind === undefined ? '' : `, ${behind} behind`;
      print(`${jobName} / ${name}: ${pending} pending${behindText}, consumers: ${consumerCount}`);
      for (const consumer of consumers)
        print(
          `  ${consumer.worker ?? consumer.name}  ${consumer.pending} pending, idle for ${span(consumer.idleMs)}`,
        );
    }
    for (const { partition, lag, worker, consumer } of partitions)
      print(`  partition ${partition}: ${lag} behind, ${worker ?? consumer ?? 'read by none'}`);
  }
}

function row({
  jobName,
  redis,
  waiting,
  pending,
  dead,
  oldestAgeMs,
  outPerSecond,
  length,
}: QueueReport): string[] {
  return [
    jobName,
    String(waiting),
    String(pending),
    dead > 0 ? paint('red', String(dead)) : '0',
    oldestAgeMs > 0 ? span(oldestAgeMs) : '-',
    `${Math.round(outPerSecond)}/s`,
    String(length),
    redis,
  ];
}
