import type { Redis } from 'ioredis';
import { clearDead, clearWaiting, countResults, killRecords, requeue, requeueAll } from './changeQueue.ts';
import { undo } from './undoChange.ts';
import {
  readDeadLetters,
  readDeadRecords,
  readPending,
  readPendingRecords,
  readQueueReports,
  readRecord,
  readWaiting,
  readWaitingPage,
} from '../readQueue.ts';
import { putRecords, readReason, readReasons, takeBackRecords, takeResults } from '../recordClient.ts';
import {
  askFrontendToStop,
  beatFrontend,
  forgetFrontend,
  readFrontends,
} from '../registry/frontendRegistry.ts';
import { hasForeignConsumer, readJobReports, readModel, readQueueFigures } from '../registry/jobReports.ts';
import { breakStartLock, takeStartLock } from '../registry/startLock.ts';
import {
  askToReload,
  askToStop,
  forgetFlinkJob,
  isServing,
  readBrokenEntries,
  readClockAhead,
  readFlinkJobs,
  readLiving,
  readMemoryInfo,
  readRegistrations,
  readReload,
  saveFlinkJob,
  tryWrite,
  unregister,
} from '../registry/workerRegistry.ts';
import { readSecret, writeSecret } from '../secrets.ts';
import type { QueueAdmin, RecordClient, Registry, SecretStore, Store, StoreServer } from '../store.ts';
import { setClock } from './redisClock.ts';
import { missingRights } from './rights.ts';
import { countKeysOfOthers, pauseWrites, readProcess, resumeWrites, shutDown } from './serverControl.ts';
import { readServerFacts } from './serverFacts.ts';

/** The store on one connection to Redis. */
export function redisStore(redis: Redis): Store {
  return {
    registry: bind<Registry>(redis, registry),
    queues: bind<QueueAdmin>(redis, queues),
    records: bind<RecordClient>(redis, records),
    server: bind<StoreServer>(redis, server),
    secrets: bind<SecretStore>(redis, secrets),
    close: () => redis.disconnect(),
  };
}

/** The methods of a part of the store, as functions of a connection. */
type Unbound<Part> = {
  readonly [Name in keyof Part]: Part[Name] extends (...args: infer Args) => infer Result
    ? (redis: Redis, ...args: Args) => Result
    : never;
};

function bind<Part>(redis: Redis, part: Unbound<Part>): Part {
  const methods = Object.entries(part as Record<string, (redis: Redis, ...args: unknown[]) => unknown>);
  return Object.fromEntries(
    methods.map(([name, method]) => [name, (...args: unknown[]) => method(redis, ...args)]),
  ) as Part;
}

const registry: Unbound<Registry> = {
  readRegistrations,
  unregister,
  askToStop,
  askToReload,
  readReload,
  readLiving,
  isServing,
  readBrokenEntries,
  saveFlinkJob,
  readFlinkJobs,
  forgetFlinkJob,
  beatFrontend,
  forgetFrontend,
  readFrontends,
  askFrontendToStop,
  readJobReports,
  readModel,
  takeStartLock,
  breakStartLock,
};

const queues: Unbound<QueueAdmin> = {
  readQueueReports,
  readQueueFigures,
  hasForeignConsumer,
  readWaitingPage,
  readPending,
  readDeadLetters,
  readRecord,
  readWaiting,
  readPendingRecords,
  readDeadRecords,
  requeue,
  requeueAll,
  killRecords,
  undo,
  clearWaiting,
  clearDead,
  countResults,
};

const records: Unbound<RecordClient> = { putRecords, takeBackRecords, takeResults, readReason, readReasons };

const server: Unbound<StoreServer> = {
  readServerFacts,
  missingRights,
  readMemoryInfo,
  readClockAhead,
  setClock: (redis, clock) => setClock(clock, redis),
  tryWrite,
  readProcess,
  pauseWrites,
  resumeWrites,
  countKeysOfOthers,
  shutDown,
};

const secrets: Unbound<SecretStore> = { readSecret, writeSecret };
