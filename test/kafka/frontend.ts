import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from '../support/redis.ts';
import { root } from '../support/serving.ts';

export interface RunningFrontend {
  readonly url: string;
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: string }>;
  stop(): Promise<void>;
}

/** Starts an HTTP frontend of a config on a free port, and waits until it is ready. */
export async function startFrontend(config: string, state: string): Promise<RunningFrontend> {
  const args = ['http', '-c', config, '--port=0', '--interface=127.0.0.1', '--accessLog=false'];
  const child = spawn(process.execPath, [join(root, 'bin', 'cluster-serving.cjs'), ...args], {
    env: { ...process.env, CLUSTER_SERVING_STATE: state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const addressIn = () => /listening on (http:\/\/[\d.]+:\d+)/.exec(output)?.[1];
  await eventually('the frontend to listen', () => Promise.resolve(addressIn() !== undefined));
  const url = addressIn() ?? '';
  await eventually('the frontend to be ready', async () => (await fetch(`${url}/v2/health/ready`)).ok);
  return {
    url,
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
