import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EngineMessage } from '../../schemas/jobEvents.ts';
import { root } from '../support/serving.ts';
import { openWire, type Wire } from './wire.ts';

/** One process of the embedded engine, with a way to Redis of its own. */
export interface TortureWorker {
  readonly id: string;
  readonly pid: number;
  readonly wire: Wire;
  readonly isAlive: boolean;
  signal(name: NodeJS.Signals): void;
  /** Ends it as a crash would; resolves when it has ended. */
  kill(): Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

export interface WorkerPool {
  /** Those that live. */
  readonly alive: readonly TortureWorker[];
  /** How many were ended with SIGKILL. */
  readonly kills: number;
  /** Those that ended by themselves. */
  readonly crashes: readonly string[];
  /** Starts or stops workers until there are this many; resolves when all have had their first inference. */
  fill(count: number): Promise<void>;
  /** One more, whose clock jumps by this much while it works. */
  addWithClock(jumpMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly folder: string;
  readonly redisPort: number;
  /** The text of the config of a program that finds Redis at this port. */
  readonly configFor: (port: number) => string;
}

/** A machine may be too busy for a start for as long as this. */
const startPatienceMs = 60_000;

export function createWorkerPool({ folder, redisPort, configFor }: PoolOptions): WorkerPool {
  const all = new Set<TortureWorker>();
  const crashes: string[] = [];
  let started = 0;
  let kills = 0;
  let closed = false;

  /** A start that fails says so and leaves nothing, on a machine that is too busy for it: then it is repeated. */
  async function add(env: Readonly<Record<string, string>> = {}): Promise<void> {
    for (const end = performance.now() + startPatienceMs; ;)
      try {
        await addOnce(env);
        return;
      } catch (error) {
        if (closed || performance.now() > end) throw error;
      }
  }

  async function addOnce(env: Readonly<Record<string, string>>): Promise<void> {
    const id = `torture-${(++started).toString(16).padStart(8, '0')}`;
    const wire = await openWire(redisPort);
    const path = join(folder, `${id}.yaml`);
    const log = join(folder, `${id}.log`);
    writeFileSync(path, configFor(wire.port));
    const child = spawn(
      process.execPath,
      [join(root, 'dist', 'engine.mjs'), '--config', path, '--worker', id, '--log', log],
      { env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
    );
    const worker = watch(child, id, log, wire);
    all.add(worker);
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message: EngineMessage) => {
        if ('ready' in message) resolve();
        if ('failed' in message) reject(new Error(`${id} did not start: ${message.failed.message}`));
      });
      void worker.ended.then(() => reject(new Error(`${id} ended before it was ready: ${tail(log)}`)));
    });
  }

  function watch(child: ChildProcess, id: string, log: string, wire: Wire): TortureWorker {
    let isWanted = false;
    let isAlive = true;
    let wasReady = false;
    child.on('message', (message: EngineMessage) => {
      if ('ready' in message) wasReady = true;
    });
    const ended = new Promise<void>((resolve) => {
      child.once('exit', (code, signal) => {
        isAlive = false;
        all.delete(worker);
        if (!isWanted && wasReady) crashes.push(`${id} ended with ${signal ?? code ?? '?'}: ${tail(log)}`);
        void wire.close().then(resolve);
      });
    });
    const worker: TortureWorker = {
      id,
      pid: child.pid ?? 0,
      wire,
      ended,
      get isAlive() {
        return isAlive;
      },
      signal(name) {
        if (name === 'SIGKILL' && isAlive) kills += 1;
        if (name === 'SIGKILL' || name === 'SIGTERM') isWanted = true;
        child.kill(name);
      },
      kill() {
        if (!isWanted) worker.signal('SIGKILL');
        return ended;
      },
    };
    return worker;
  }

  async function fill(count: number): Promise<void> {
    const surplus = [...all].slice(count);
    for (const worker of surplus) worker.signal('SIGTERM');
    await Promise.all(surplus.map(({ ended }) => ended));
    // None goes on alone when another has failed: what it starts would outlive the pool.
    const starts = Array.from({ length: Math.max(0, count - all.size) }, () => add());
    const failed = (await Promise.allSettled(starts)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  return {
    get alive() {
      return [...all];
    },
    get kills() {
      return kills;
    },
    crashes,
    fill,
    async addWithClock(jumpMs) {
      const file = join(folder, 'clock.mjs');
      writeFileSync(
        file,
        `const now = Date.now, start = performance.now(), jump = Number(process.env.CLOCK_JUMP_MS);
         Date.now = () => now() + (performance.now() - start > 1_500 ? jump : 0);\n`,
      );
      const options = `--import=${pathToFileURL(file).href}`;
      await add({ NODE_OPTIONS: options, CLOCK_JUMP_MS: String(jumpMs) });
    },
    async close() {
      closed = true;
      const rest = [...all];
      for (const worker of rest) worker.signal('SIGKILL');
      await Promise.all(rest.map(({ ended }) => ended));
    },
  };
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-3).join(' | ');
  } catch {
    return 'no log';
  }
}
