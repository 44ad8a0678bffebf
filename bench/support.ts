import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../test/support/redis.ts';

export const root = resolve(__dirname, '..', '..');
export const cache = join(root, '.cache');

const given = process.argv.slice(2);
/** A short round shows that a benchmark runs from its beginning to its end. Its figures mean nothing: they are neither
 *  judged nor kept. */
export const isShort = given.includes('--short');
/** What the command line says beside that. */
export const args = given.filter((word) => word !== '--short');

/** How much of something there is in a full run, and in a short round. */
export function sized(full: number, short: number): number {
  return isShort ? short : full;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

export async function until(
  condition: () => Promise<boolean> | boolean,
  what: string,
  deadlineMs = 120_000,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}

export interface BenchRedis {
  readonly port: number;
  readonly pid: number;
  readonly client: Redis;
  stop(): Promise<void>;
}

export async function startRedis(): Promise<BenchRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'bench-redis-'));
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
    { stdio: 'ignore' },
  );
  const client = new Redis({ port, host: '127.0.0.1', protocol: 2 });
  client.on('error', () => undefined);
  await until(async () => (await client.ping().catch(() => '')) === 'PONG', 'Redis');
  return {
    port,
    pid: server.pid ?? 0,
    client,
    async stop() {
      client.disconnect();
      await end(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}

/** Processor time of a process and its threads so far, in seconds. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Resident memory now and at its highest, in MB. */
export function memoryMb(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  return { now: Math.round(read('VmRSS')), peak: Math.round(read('VmHWM')) };
}

export interface Drained {
  readonly perSecond: number;
  /** Processor time of worker and Redis together, for one record. */
  readonly cpuMicros: number;
}

/** Records of a stream that its group has acknowledged. */
export async function answered(redis: BenchRedis, stream: string): Promise<number> {
  const info = await redis.client.xinfo('GROUPS', stream).catch(() => []);
  const group = (info as unknown[][])[0] ?? [];
  const field = (name: string) => Number(group[group.indexOf(name) + 1] ?? 0);
  return field('entries-read') - field('pending');
}

/** Watches a worker empty a stream, from a moment when it is in full swing to the last acknowledgement. */
export async function drain(
  redis: BenchRedis,
  stream: string,
  count: number,
  workerPid: number,
): Promise<Drained> {
  const done = () => answered(redis, stream);
  const cpu = () => cpuSeconds(workerPid) + cpuSeconds(redis.pid);
  let first = 0;
  await until(async () => (first = await done()) >= count * 0.05, 'the first records');
  const start = performance.now();
  const cpuStart = cpu();
  let last = first;
  await until(async () => (last = await done()) >= count, 'the last records', 300_000);
  const seconds = (performance.now() - start) / 1000;
  return { perSecond: (last - first) / seconds, cpuMicros: ((cpu() - cpuStart) / (last - first)) * 1e6 };
}

export interface EngineProcess {
  readonly process: ChildProcess;
  readonly pid: number;
  /** ms from the start of the process to its readiness. */
  readonly readyMs: number;
}

/** Starts an engine bundle as the start command does. */
/** @param args  further ones */
export async function startEngine(
  file: string,
  configPath: string,
  ...args: readonly string[]
): Promise<EngineProcess> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      file,
      '--config',
      configPath,
      '--worker',
      basename(dirname(configPath)),
      '--log',
      join(cache, 'bench', 'engine.log'),
      ...args,
    ],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  await new Promise<void>((done, reject) => {
    child.on('message', (message: Record<string, unknown>) => {
      if ('ready' in message) done();
      if ('failed' in message) reject(new Error(JSON.stringify(message.failed)));
    });
    child.once('exit', () => reject(new Error('the engine ended')));
  });
  return { process: child, pid: child.pid ?? 0, readyMs: performance.now() - began };
}

export function writeConfig(name: string, lines: readonly string[]): string {
  const folder = join(cache, 'bench', name);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'config.yaml');
  writeFileSync(path, lines.join('\n') + '\n');
  return path;
}

export interface Row {
  readonly figure: string;
  readonly measured: string;
  readonly due: string;
  readonly met: boolean;
}

/** Collects figures, and prints each as soon as it is known. */
export function createRows(): {
  readonly rows: readonly Row[];
  readonly row: (figure: string, measured: string, due: string, met: boolean) => void;
} {
  const rows: Row[] = [];
  return {
    rows,
    row(figure, measured, due, met) {
      rows.push({ figure, measured, due, met });
      console.log(
        isShort
          ? `  ${figure}: ${measured}`
          : `  ${figure}: ${measured} (due ${due}) ${met ? '' : 'NOT MET'}`,
      );
    },
  };
}

/** Prints the table and keeps it as JSON beside the others; a short round has none. */
export function report(name: string, rows: readonly Row[]): void {
  if (isShort) {
    console.log(`a short round of ${rows.length} figures, none of which is judged`);
    return;
  }
  const widths = (['figure', 'measured', 'due'] as const).map((key) =>
    Math.max(key.length, ...rows.map((row) => row[key].length)),
  );
  const line = (cells: readonly string[]) => cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ');
  console.log(line(['figure', 'measured', 'due']));
  for (const row of rows)
    console.log(`${line([row.figure, row.measured, row.due])}  ${row.met ? 'met' : 'NOT MET'}`);
  const folder = join(root, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({ at: new Date().toISOString(), machine, rows }, null, 2),
  );
}
