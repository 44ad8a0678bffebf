import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import type { HostPort } from '../../../../../schemas/config/configKey.ts';
import { ServingError } from '../../../../../schemas/errors.ts';
import { startLimits } from '../../../../../schemas/startLimits.ts';
import { endProcess, isFlinkProcess, isProcess } from '../../machine/processes.ts';
import { isThisMachine } from '../../machine/redisServer.ts';
import type { StateFolder } from '../../machine/stateFolder.ts';
import { readOverview } from './cluster.ts';
import { flinkText } from './rest.ts';

/** A Flink cluster that we started, and therefore may stop. */
export interface LocalFlink {
  readonly folder: string;
  readonly pids: readonly number[];
}

const stopMs = 30_000;

/** More than one job needs, so that several jobs fit; a slot that is free costs next to nothing. */
const leastSlots = 8;

/** FLINK_HOME, if there is a Flink in it. */
export function findFlink(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const home = env.FLINK_HOME;
  return home && existsSync(join(home, 'bin', 'taskmanager.sh')) ? home : undefined;
}

/** Whether a cluster could be started here for that address, now that nothing answers there. */
export function canStartFlink(address: HostPort): boolean {
  return isThisMachine(address.host) && findFlink() !== undefined;
}

/** The cluster that we started for that REST port, if any of it still runs. */
export function localFlink(state: StateFolder, port: number): LocalFlink | undefined {
  const folder = state.flinkFolder(port);
  const pids = readPids(join(folder, 'pids')).filter((pid) => isProcess(pid, isFlinkProcess(folder)) ?? true);
  return pids.length > 0 ? { folder, pids } : undefined;
}

/** The REST ports of the clusters that we started. */
export function localFlinkPorts(state: StateFolder): number[] {
  return readdirSync(state.path)
    .flatMap((name) => /^flink-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number);
}

/** Starts a JobManager and a TaskManager on this machine: their pid files, logs and temporary files lie in our state
 *  folder, where no other cluster of this user has its own, and their ports are free ones.
 *  @throws ServingError "flink-missing" or "flink-failed"; nothing is left running then */
export async function startLocalFlink(
  state: StateFolder,
  address: HostPort,
  slots: number,
  signal?: AbortSignal,
): Promise<LocalFlink> {
  const home = findFlink();
  if (home === undefined)
    throw new ServingError(
      'flink-missing',
      `Nothing listens at ${flinkText(address)}, and FLINK_HOME is ${process.env.FLINK_HOME ? `${process.env.FLINK_HOME}, which holds no Flink` : 'not set'}. Set it to the folder of a Flink 1.20, or start your cluster.`,
    );
  const folder = state.flinkFolder(address.port);
  const temporary = join(folder, 'tmp');
  const env = { FLINK_PID_DIR: join(folder, 'pids'), FLINK_LOG_DIR: join(folder, 'log') };
  // Flink's scripts do not make the folder of the logs.
  for (const each of [temporary, ...Object.values(env)]) mkdirSync(each, { recursive: true, mode: 0o700 });
  const settings: Readonly<Record<string, string | number>> = {
    'rest.address': 'localhost',
    'rest.bind-address': 'localhost',
    'rest.port': address.port,
    'rest.bind-port': address.port,
    'jobmanager.rpc.address': 'localhost',
    'jobmanager.rpc.port': await freePort(),
    'jobmanager.bind-host': 'localhost',
    'taskmanager.host': 'localhost',
    'taskmanager.bind-host': 'localhost',
    'taskmanager.numberOfTaskSlots': Math.max(slots, leastSlots),
    'io.tmp.dirs': temporary,
    'web.tmpdir': temporary,
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-D', `${key}=${value}`]);
  try {
    for (const program of ['jobmanager.sh', 'taskmanager.sh']) {
      const { exitCode, stderr, shortMessage } = await execa(
        join(home, 'bin', program),
        ['start', ...options],
        { env, cwd: folder, detached: true, reject: false },
      );
      if (exitCode !== 0)
        throw new ServingError(
          'flink-failed',
          `Flink did not start: ${lastLine(stderr) || (shortMessage ?? program)}`,
        );
    }
    await waitForSlots(state, address, slots, signal);
  } catch (error) {
    await stopLocalFlink(state, address.port);
    throw error;
  }
  return { folder, pids: readPids(env.FLINK_PID_DIR) };
}

/** Stops the cluster that we started for that REST port; without one nothing happens. */
export async function stopLocalFlink(state: StateFolder, port: number): Promise<boolean> {
  const own = localFlink(state, port);
  const folder = state.flinkFolder(port);
  for (const pid of own?.pids ?? []) await endProcess(pid, isFlinkProcess(folder), { politeMs: stopMs, isOnRecord: true });
  rmSync(folder, { recursive: true, force: true });
  return own !== undefined;
}

async function waitForSlots(
  state: StateFolder,
  address: HostPort,
  slots: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const end = Date.now() + startLimits.flinkClusterMs;
  const folder = state.flinkFolder(address.port);
  for (;;) {
    if (signal?.aborted) throw new ServingError('job-failed', 'The start was cancelled.');
    try {
      if ((await readOverview(address)).freeSlots >= slots) return;
    } catch (error) {
      // While its parts come up it refuses connections, and then requests.
      const comes = error instanceof ServingError && ['flink-refused', 'flink-failed'].includes(error.code);
      if (!comes) throw error;
    }
    if ((localFlink(state, address.port)?.pids.length ?? 0) < 2 || Date.now() > end)
      throw new ServingError(
        'flink-failed',
        `Flink did not start at ${flinkText(address)}: ${lastError(join(folder, 'log'))}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Flink's scripts write a file for each kind of process, with a line for each. */
function readPids(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.pid'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .map(Number)
    .filter((pid) => pid > 0);
}

/** What the logs say last that is bad; they are removed with the folder. */
function lastError(folder: string): string {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const lines = names.flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  const bad = lines.filter((line) => /\b(?:ERROR|FATAL)\b|^Caused by: |^Error: /.test(line));
  return bad.at(-1)?.slice(0, 300) ?? 'its logs name no reason';
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
