import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/** A port that nothing listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface TestRedis {
  readonly port: number;
  readonly folder: string;
  readonly client: Redis;
  /** Ends the server as a crash would; `start` brings it back with what it had written. */
  kill(): Promise<void>;
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** A Redis of the test's own on a free port of loopback, appending every write. */
export async function startRedis(...args: string[]): Promise<TestRedis> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'cluster-serving-redis-'));
  let server: ChildProcess;
  let client: Redis | undefined;
  const password = args[args.indexOf('--requirepass') + 1];

  async function start(): Promise<void> {
    server = spawn(
      'redis-server',
      [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--dir',
        folder,
        '--save',
        '',
        '--appendonly',
        'yes',
        '--appendfsync',
        'always',
        ...args,
      ],
      { stdio: 'ignore' },
    );
    client?.disconnect();
    client = new Redis({
      port,
      host: '127.0.0.1',
      protocol: 2,
      ...(args.includes('--requirepass') && password ? { password } : {}),
    });
    client.on('error', () => undefined);
    for (;;) {
      const answer = await client.ping().catch(() => '');
      if (answer === 'PONG') return;
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await ended;
  }

  await start();
  return {
    port,
    folder,
    get client() {
      if (!client) throw new Error('not started');
      return client;
    },
    kill: () => end('SIGKILL'),
    start,
    signal: (name) => void server.kill(name),
    async stop() {
      client?.disconnect();
      server.kill('SIGCONT');
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Asks until the condition holds; fails with `what` when it takes too long. */
export async function eventually<T>(
  what: string,
  condition: () => Promise<T | undefined | false>,
  deadlineMs = 20_000,
): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
