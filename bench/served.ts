import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../test/support/redis.ts';
import { end, startEngine, until } from './support.ts';

/** A job with its HTTP frontend. */
export interface Served {
  readonly url: string;
  readonly worker: ChildProcess;
  readonly frontend: ChildProcess;
  readonly stop: () => Promise<void>;
}

/** Serves a job over HTTP with the bundles of a folder, and waits until it is ready.
 *  @param args  further options of the frontend */
export async function serve(dist: string, config: string, ...args: string[]): Promise<Served> {
  const { process: worker } = await startEngine(join(dist, 'engine.mjs'), config);
  const port = await freePort();
  const options = ['-c', config, '--interface=127.0.0.1', `--port=${port}`, ...args];
  const frontend = spawn(process.execPath, [join(dist, 'http.mjs'), ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/ready`).catch(() => undefined))?.ok ?? false, 'the frontend');
  return {
    url,
    worker,
    frontend,
    async stop() {
      await end(frontend);
      await end(worker);
    },
  };
}

/** Serves a job over HTTP within its worker. @returns once it is ready */
export async function serveWithin(
  dist: string,
  config: string,
): Promise<{ readonly url: string; readonly worker: ChildProcess }> {
  const port = await freePort();
  const options = ['--http-port', String(port), '--http-log', `${config}.log`];
  const { process: worker } = await startEngine(join(dist, 'engine.mjs'), config, ...options);
  return { url: `http://127.0.0.1:${port}`, worker };
}

/** The image that the models here take, as an input of the Open Inference Protocol. */
export const image = {
  head: { name: 'image', shape: [1, 3, 224, 224], datatype: 'FP32' },
  values: Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => Math.sin(i)),
};

/** Writes a request that holds the image in binary form. */
export function writeBinaryRequest(folder: string): {
  readonly file: string;
  readonly bytes: number;
  readonly headers: Record<string, string>;
} {
  const { head, values } = image;
  const header = Buffer.from(
    JSON.stringify({ inputs: [{ ...head, parameters: { binary_data_size: values.byteLength } }] }),
  );
  const body = Buffer.concat([header, Buffer.from(values.buffer)]);
  const file = join(folder, 'binary');
  writeFileSync(file, body);
  const headers = { 'Inference-Header-Content-Length': String(header.length) };
  return { file, bytes: body.length, headers };
}
