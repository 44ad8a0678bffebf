import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from '../support/redis.ts';
import { root } from '../support/serving.ts';
import { deadlineMs } from './queueSupport.ts';

export interface RunningFrontend {
  readonly url: string;
  get(path: string): Promise<{ readonly status: number; readonly body: string }>;
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: string }>;
  stop(): Promise<void>;
}

/** Starts an HTTP frontend of a config on a free port, and waits until it is ready. */
export async function startFrontend(
  config: string,
  state: string,
  ...options: readonly string[]
): Promise<RunningFrontend> {
  const args = ['http', '-c', config, '--port=0', '--interface=127.0.0.1', '--accessLog=false', ...options];
  const child = spawn(process.execPath, [join(root, 'bin', 'cluster-serving.cjs'), ...args], {
    env: { ...process.env, CLUSTER_SERVING_STATE: state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const addressIn = () => /listening on (http:\/\/[\d.]+:\d+)/.exec(output)?.[1];
  let url = '';
  try {
    await eventually('the frontend to listen', () => Promise.resolve(addressIn() !== undefined), deadlineMs);
    url = addressIn() ?? '';
    const isReady = async () => (await fetch(`${url}/v2/health/ready`)).ok;
    await eventually('the frontend to be ready', isReady, deadlineMs);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    url,
    async get(path) {
      const response = await fetch(url + path);
      return { status: response.status, body: await response.text() };
    },
    async post(path, body) {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: await response.text() };
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
