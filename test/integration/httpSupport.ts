import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root } from '../support/serving.ts';

/** A frontend process of a test. */
export interface TestFrontend {
  readonly url: string;
  readonly pid: number;
  readonly output: string;
  signal(name: NodeJS.Signals): void;
  /** @returns the exit code */
  ended: Promise<number>;
}

/** Starts the real program on a free port of loopback. */
export async function startFrontend(...args: string[]): Promise<TestFrontend> {
  const program = join(root, 'bin', 'cluster-serving-http.cjs');
  const all = [program, '--interface=127.0.0.1', '--port=0', ...args];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let onOutput: () => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code) => resolve(code ?? -1));
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      onOutput();
    });
  const url = await new Promise<string>((resolve, reject) => {
    onOutput = () => {
      const found = /listening on (http[^"]+)/.exec(output)?.[1];
      if (found) resolve(found);
    };
    void ended.then((code) => reject(new Error(`the frontend ended with ${code}: ${output}`)));
  });
  return {
    url,
    pid: child.pid ?? 0,
    get output() {
      return output;
    },
    signal: (name) => void child.kill(name),
    ended,
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
  await workshop.must('start', '-c', path);
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
