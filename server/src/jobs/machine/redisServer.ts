import { accessSync, constants, existsSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { delimiter, join } from 'node:path';
import { endProcess, isProcess, isRedisProcess, type Proof } from './processes.ts';
import type { StateFolder } from './stateFolder.ts';

/** A Redis that we started, and therefore may stop. */
export interface ManagedRedis {
  readonly pid: number;
  readonly port: number;
  readonly folder: string;
}

export const configFileName = 'redis.conf';

export function pidFile(folder: string): string {
  return join(folder, 'redis.pid');
}

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
export function managedRedis(state: StateFolder, port: number): ManagedRedis | undefined {
  const folder = state.redisFolder(port);
  try {
    const pid = Number(readFileSync(pidFile(folder), 'utf8'));
    return (isProcess(pid, proofOf({ port, folder })) ?? true) ? { pid, port, folder } : undefined;
  } catch {
    return undefined;
  }
}

/** Removes the data of a Redis that was started here and ended by itself; data that was kept on purpose stays. */
export function removeCrashedRedis(state: StateFolder, port: number): void {
  const folder = state.redisFolder(port);
  if (existsSync(pidFile(folder)) && !managedRedis(state, port))
    rmSync(folder, { recursive: true, force: true });
}

/** It first shows the file that it was given, and then, once it listens, its port. */
function proofOf({ port, folder }: Pick<ManagedRedis, 'port' | 'folder'>): Proof {
  return isRedisProcess(port, join(folder, configFileName));
}

/** Stops our Redis. It saves what it has; `removeData` then removes it. */
export async function stopOwnRedis({ pid, port, folder }: ManagedRedis, removeData: boolean): Promise<void> {
  await endProcess(pid, proofOf({ port, folder }), { politeMs: 10_000, isOnRecord: true });
  rmSync(pidFile(folder), { force: true });
  if (removeData && existsSync(folder)) rmSync(folder, { recursive: true, force: true });
}
