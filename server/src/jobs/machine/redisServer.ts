import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { delimiter, join } from 'node:path';
import { ServingError } from '../../../../schemas/errors.ts';
import type { Config } from '../../../../schemas/configKeys.ts';
import { connectRedis, type RedisAddress } from '../../queue/connectRedis.ts';
import { startDaemon } from './daemon.ts';
import { endProcess, isOurProcess } from './processes.ts';
import type { StateFolder } from './stateFolder.ts';

/** A Redis that we started, and therefore may stop. */
export interface OwnRedis {
  readonly pid: number;
  readonly port: number;
  readonly folder: string;
}

const startMs = 10_000;

/** redis-server on the PATH, or in REDIS_HOME/src as the original's start script wants it. */
export function findRedisServer(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  if (env.REDIS_HOME) folders.push(join(env.REDIS_HOME, 'src'), env.REDIS_HOME);
  const name = process.platform === 'win32' ? 'redis-server.exe' : 'redis-server';
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** The lines that put a Redis on a machine which has none. */
export const installRedisHint =
  'Install one (Debian, Ubuntu: "sudo apt-get install redis-server"; macOS: "brew install redis"), or set redisUrl to a Redis that runs.';

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.') || host === hostname();
}

/** The Redis that we started on this port, if it still runs. */
export function ownRedis(state: StateFolder, port: number): OwnRedis | undefined {
  const folder = state.redisFolder(port);
  try {
    const pid = Number(readFileSync(join(folder, 'redis.pid'), 'utf8'));
    return isOurProcess(pid, `:${port}`) ? { pid, port, folder } : undefined;
  } catch {
    return undefined;
  }
}

/** Starts a Redis of our own where the config says: on this machine only, keeping what it is given, evicting nothing.
 *  @throws ServingError "redis-missing" or "redis-failed" */
export async function startOwnRedis(
  state: StateFolder,
  config: Config,
  address: RedisAddress,
): Promise<OwnRedis> {
  const program = findRedisServer();
  if (!program)
    throw new ServingError(
      'redis-missing',
      `Nothing listens at ${address.host}:${address.port}, and no redis-server program is on the PATH or in REDIS_HOME/src. ${installRedisHint}`,
    );
  if (address.tls)
    throw new ServingError(
      'redis-refused',
      `Nothing listens at ${address.host}:${address.port}, and a Redis with TLS is not started for you. Start yours, or set redisSecureEnabled to false.`,
    );
  const folder = state.redisFolder(address.port);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configFile = join(folder, 'redis.conf');
  // A file and not arguments: a password must not show in the process list.
  writeFileSync(configFile, serverConfig(config, address, folder), { mode: 0o600 });
  const server = startDaemon({
    program,
    args: [configFile],
    folder,
    logFile: join(folder, 'redis.log'),
    ipc: false,
  });
  server.process.unref();
  const ending = new AbortController();
  void server.ended.then(() => {
    ending.abort();
  });
  const end = Date.now() + startMs;
  for (;;) {
    try {
      (await connectRedis(address)).disconnect();
      break;
    } catch (error) {
      if (ending.signal.aborted || Date.now() > end) {
        throw new ServingError(
          'redis-failed',
          `redis-server did not start on port ${address.port}: ${lastLine(join(folder, 'redis.log'))}`,
          {
            cause: error,
          },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  writeFileSync(join(folder, 'redis.pid'), String(server.pid));
  return { pid: server.pid, port: address.port, folder };
}

function serverConfig(config: Config, { port, username, password }: RedisAddress, folder: string): string {
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1 -::1',
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

/** Removes the data of a Redis of ours that ended by itself; data that was kept on purpose stays. */
export function removeCrashedRedis(state: StateFolder, port: number): void {
  const folder = state.redisFolder(port);
  if (existsSync(join(folder, 'redis.pid')) && !ownRedis(state, port))
    rmSync(folder, { recursive: true, force: true });
}

/** Stops our Redis. It saves what it has; `removeData` then removes it. */
export async function stopOwnRedis({ pid, port, folder }: OwnRedis, removeData: boolean): Promise<void> {
  await endProcess(pid, `:${port}`, 10_000);
  rmSync(join(folder, 'redis.pid'), { force: true });
  if (removeData && existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}

function lastLine(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.at(-1) ?? 'it said nothing';
}
