import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

/** A frontend process of a test. */
export interface TestFrontend {
  readonly url: string;
  readonly pid: number;
  readonly output: string;
  signal(name: NodeJS.Signals): void;
  /** @returns the exit code */
  ended: Promise<number>;
}

/** The way from HTTP to the model that this run of the tests takes: through Redis, with a frontend before the workers of a
 *  job, or within a worker. Tests of both ways run as two projects (vitest.config.mjs). */
export const way = process.env.HTTP_WAY === 'worker' ? 'worker' : 'queue';

/** Starts what answers over HTTP, on a free port of loopback: the real program of the frontend, or one more worker of the
 *  job whose config follows `-c`. The other arguments are options of the frontend. */
export function startFrontend(...args: string[]): Promise<TestFrontend> {
  return way === 'worker' ? startWithinWorker(args) : startProgram(args);
}

/** Starts a job for `startFrontend`, where that needs one that runs. */
export async function startJob(workshop: Workshop, path: string): Promise<void> {
  if (way === 'queue') await workshop.must('start', '-c', path);
}

async function startProgram(args: readonly string[]): Promise<TestFrontend> {
  const program = join(root, 'bin', 'cluster-serving-http.cjs');
  const started = run([program, '--interface=127.0.0.1', '--port=0', ...args]);
  const url = await started.found(/listening on (http[^"]+)/);
  return frontendOf(started, url, started.child.pid ?? 0);
}

async function startWithinWorker(args: readonly string[]): Promise<TestFrontend> {
  const at = args.indexOf('-c');
  const path = args[at + 1] ?? '';
  const options = ['--interface=127.0.0.1', ...args.filter((_, i) => i !== at && i !== at + 1)];
  const started = run(
    [
      join(root, 'bin', 'cluster-serving.cjs'),
      ...['start', '-c', path, '--foreground', '--workers', '1', '--http', '0'],
      ...options.flatMap((option) => ['--http-option', option.replace(/^--/, '')]),
    ],
    // As `Workshop` has it.
    { CLUSTER_SERVING_STATE: join(dirname(dirname(path)), 'state') },
  );
  const url = await started.found(/listening on (http[^"]+)/);
  const pid = Number(await started.found(/\(pid (\d+)\)/));
  return frontendOf(started, url, pid);
}

function frontendOf(started: Running, url: string, pid: number): TestFrontend {
  return {
    url,
    pid,
    get output() {
      return started.output;
    },
    signal(name) {
      if (isRunning(pid)) process.kill(pid, name);
    },
    ended: started.ended,
  };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly output: string;
  readonly ended: Promise<number>;
  /** What it prints, once it does. */
  found(pattern: RegExp): Promise<string>;
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let output = '';
  const listeners = new Set<() => void>();
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code) => resolve(code ?? -1));
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      for (const listener of listeners) listener();
    });
  return {
    child,
    ended,
    get output() {
      return output;
    },
    found: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const text = pattern.exec(output)?.[1];
          if (text !== undefined) resolve(text);
        };
        listeners.add(look);
        look();
        void ended.then((code) => reject(new Error(`it ended with ${code}: ${output}`)));
      }),
  };
}

export interface TestService {
  readonly redis: TestRedis;
  readonly frontend: TestFrontend;
  close(): Promise<void>;
}

/** A Redis, a job of one of the models, named as it, and a frontend before it. */
export async function serveOverHttp(model: string): Promise<TestService> {
  const redis = await startRedis();
  const workshop = openWorkshop(model);
  const lines = [
    `modelPath: ${join(models, model)}`,
    `jobName: ${model}`,
    `redisUrl: 127.0.0.1:${redis.port}`,
  ];
  const path = workshop.config(model, lines.join('\n'));
  await startJob(workshop, path);
  const frontend = await startFrontend('-c', path);
  return {
    redis,
    frontend,
    async close() {
      frontend.signal('SIGKILL');
      await workshop.close();
      await redis.stop();
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** Asks, and reads what comes as JSON where it is JSON. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  let json: Record<string, unknown> = {};
  if ((response.headers.get('content-type') ?? '').includes('json'))
    json = JSON.parse(text) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, text, json };
}

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  return ask(url, { method: 'POST', body: isRaw ? (body as string) : JSON.stringify(body), headers });
}

export interface Tensor {
  readonly data: number[];
  readonly shape: number[];
}

/** What the original's helper reads from a prediction, for each of them. */
export function tensorsOf(answer: Answer): readonly (Tensor | readonly Tensor[])[] {
  return (answer.json.predictions as string[]).map((text) => {
    const { value } = JSON.parse(text) as { value: string };
    return JSON.parse(value) as Tensor | readonly Tensor[];
  });
}

/** A row of 64 numbers that no other `i` has. */
export function row(i: number): number[] {
  return Array.from({ length: 64 }, (_, k) => Math.fround(Math.sin(i * 64 + k)));
}
