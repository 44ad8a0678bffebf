import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../../../../schemas/config/configKeys.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import { startLimits } from '../../../../schemas/startLimits.ts';
import { openStore } from '../../queue/openStore.ts';
import type { Store } from '../../queue/store.ts';
import { addressText } from '../../queue/redis/redisTrouble.ts';
import type { RedisAddress } from '../../queue/redis/redisAddress.ts';
import { startDaemon, type Daemon } from './daemon.ts';
import { bindAddresses } from './loopback.ts';
import {
  configFileName,
  findRedisServer,
  installRedisHint,
  managedRedis,
  pidFile,
  type ManagedRedis,
} from './redisServer.ts';
import { unwritable, type StateFolder } from './stateFolder.ts';

/** A redis-server that a start has begun, whether it answers yet or not. */
export interface BegunRedis extends ManagedRedis {
  readonly daemon: Daemon;
  /** There was no data of an earlier one. */
  readonly isNew: boolean;
  isTakenBack: boolean;
}

/** Begins a Redis of our own where the config says: on this machine only, keeping what it is given, evicting nothing.
 *  @param onBegun  called before anything that may fail after the process was started
 *  @throws ServingError "redis-missing", "redis-refused" or "state-unwritable" */
export async function beginRedis(
  state: StateFolder,
  config: Config,
  address: RedisAddress,
  onBegun: (redis: BegunRedis) => void,
): Promise<BegunRedis> {
  const program = requireStartable(state, address);
  const folder = state.redisFolder(address.port);
  const isNew = !existsSync(folder);
  const bind = await bindAddresses(address.host);
  let daemon: Daemon;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const configFile = join(folder, configFileName);
    // A file and not arguments: a password must not show in the process list.
    writeFileSync(configFile, serverConfig(config, address, bind, folder), { mode: 0o600 });
    daemon = startDaemon({
      program,
      args: [configFile],
      folder,
      logFile: join(folder, 'redis.log'),
      ipc: false,
    });
  } catch (error) {
    if (isNew) rmSync(folder, { recursive: true, force: true });
    throw error instanceof ServingError ? error : unwritable(folder, error);
  }
  daemon.process.unref();
  const begun = { pid: daemon.pid, port: address.port, folder, daemon, isNew, isTakenBack: false };
  onBegun(begun);
  try {
    // At once, and not when it answers: a start that is killed meanwhile leaves a Redis that can be found.
    writeFileSync(pidFile(folder), String(begun.pid), { mode: 0o600 });
  } catch (error) {
    throw unwritable(pidFile(folder), error);
  }
  return begun;
}

/** Waits until the Redis answers that was begun.
 *  @returns a connection, and whether it leads to that Redis: another may have been quicker to take the port
 *  @throws ServingError "redis-failed" */
export async function connectBegunRedis(
  { daemon, folder, pid }: BegunRedis,
  address: RedisAddress,
  signal: AbortSignal,
): Promise<{ readonly store: Store; readonly isBegun: boolean }> {
  const began = performance.now();
  for (;;) {
    // Asked before the connection: of one that has ended since, the answer cannot be.
    const hadEnded = daemon.hasEnded;
    try {
      const store = await openStore(address, signal);
      const answering = await store.server.readProcess();
      return { store, isBegun: answering === undefined ? !hadEnded : answering === pid };
    } catch (error) {
      if (signal.aborted) throw new ServingError('job-failed', 'The start was cancelled.', { cause: error });
      const limitMs = isLoading(error) ? startLimits.readyMs : startLimits.redisMs;
      if (!hadEnded && performance.now() - began < limitMs) {
        await pause(20);
        continue;
      }
      const why = hadEnded ? 'ended' : `did not answer within ${limitMs / 1000} s`;
      throw new ServingError(
        'redis-failed',
        `The redis-server that was started for ${addressText(address)} ${why}: ${lastLine(join(folder, 'redis.log'))}`,
        { cause: error },
      );
    }
  }
}

function requireStartable(state: StateFolder, address: RedisAddress): string {
  const program = findRedisServer();
  if (!program)
    throw new ServingError(
      'redis-missing',
      `Nothing listens at ${addressText(address)}, and no redis-server program is on the PATH or in REDIS_HOME/src. ${installRedisHint}`,
    );
  if (address.tls)
    throw new ServingError(
      'redis-refused',
      `Nothing listens at ${addressText(address)}, and a Redis with TLS is not started for you. Start yours, or set redisSecureEnabled to false.`,
    );
  const running = managedRedis(state, address.port);
  if (running)
    throw new ServingError(
      'redis-refused',
      `The Redis that was started for port ${address.port} (pid ${running.pid}) does not listen at ${address.host}. Set redisUrl to localhost:${address.port}.`,
    );
  return program;
}

function isLoading(error: unknown): boolean {
  return error instanceof Error && error.message.includes('LOADING');
}

function serverConfig(
  config: Config,
  { port, username, password }: RedisAddress,
  bind: readonly string[],
  folder: string,
): string {
  const lines = [
    `port ${port}`,
    `bind ${bind.join(' ')}`,
    `dir ${JSON.stringify(folder)}`,
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    `maxmemory ${config.redisMaxMemory}`,
    'maxmemory-policy noeviction',
  ];
  if (password !== undefined) {
    lines.push(
      username && username !== 'default'
        ? `user ${JSON.stringify(username)} on ${JSON.stringify('>' + password)} ~* &* +@all\nuser default off`
        : `requirepass ${JSON.stringify(password)}`,
    );
  }
  return lines.join('\n') + '\n';
}

function lastLine(file: string): string {
  try {
    const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
    return lines.at(-1) ?? 'its log is empty; the disk may be full.';
  } catch {
    return 'it has no log.';
  }
}
