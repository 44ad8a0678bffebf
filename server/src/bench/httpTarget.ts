import { Agent, request as requestHttp } from 'node:http';
import { Agent as SecureAgent, request as requestHttps } from 'node:https';
import { ServingError } from '../../../schemas/errors.ts';
import { datatypeOf } from '../tensor/elementTypes.ts';
import type { DenseTensor, RecordInputs, StringElement } from '../tensor/tensor.ts';
import type { Target } from './target.ts';

export interface HttpTargetOptions {
  readonly url: URL;
  readonly jobName: string;
  readonly apiKey: string | undefined;
  readonly timeoutMs: number;
}

interface Body {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Asks a frontend, or a worker that answers HTTP, over connections that stay open: tensors by the Open Inference Protocol,
 *  images by the original's. @throws ServingError "wrong-use" for inputs that neither takes */
export function httpTarget(records: readonly RecordInputs[], options: HttpTargetOptions): Target {
  const { url, apiKey, timeoutMs } = options;
  const isSecure = url.protocol === 'https:';
  const agent = isSecure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const send = isSecure ? requestHttps : requestHttp;
  const bodies = records.map((inputs) => bodyOf(inputs, options));
  let asked = 0;

  function ask(): Promise<string | undefined> {
    const { path, bytes } = bodies[asked++ % bodies.length] as Body;
    return new Promise((resolve) => {
      const request = send(new URL(path, url), {
        method: 'POST',
        agent,
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          'content-length': bytes.length,
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
      });
      const failed = (error: NodeJS.ErrnoException) =>
        resolve(error.name === 'AbortError' ? 'timeout' : (error.code ?? 'connection-failed'));
      request.on('error', failed);
      request.on('response', (response) => {
        // What is answered is read to its end; the time it takes is part of it.
        response.on('error', failed);
        response.on('end', () =>
          resolve(response.statusCode === 200 ? undefined : `http-${response.statusCode}`),
        );
        response.resume();
      });
      request.end(bytes);
    });
  }

  return {
    ask,
    bytes: bodies[0]?.bytes.length ?? 0,
    close() {
      agent.destroy();
      return Promise.resolve();
    },
  };
}

function bodyOf(inputs: RecordInputs, { jobName }: HttpTargetOptions): Body {
  const entries = [...inputs];
  if (entries.every(([, input]) => input.kind === 'image')) {
    const instance = Object.fromEntries(
      entries.map(([name, input]) => [name, 'base64' in input ? input.base64 : '']),
    );
    return { path: '/predict', bytes: Buffer.from(JSON.stringify({ instances: [instance] })) };
  }
  const tensors = entries.map(([name, input]) => {
    if (input.kind !== 'dense')
      throw new ServingError(
        'wrong-use',
        `The input "${name}" cannot be sent over HTTP beside others: leave --http out, or send images or tensors only.`,
      );
    return tensorJson(name, input);
  });
  const text = `{"inputs":[${tensors.join(',')}]}`;
  return { path: `/v2/models/${encodeURIComponent(jobName)}/infer`, bytes: Buffer.from(text) };
}

function tensorJson(name: string, { type, shape, data }: DenseTensor): string {
  const elements = Array.from(data as Iterable<number | bigint | StringElement>, elementJson);
  return `{"name":${JSON.stringify(name)},"datatype":"${datatypeOf(type)}","shape":${JSON.stringify(shape)},"data":[${elements.join(',')}]}`;
}

function elementJson(element: number | bigint | StringElement): string {
  if (typeof element === 'number' || typeof element === 'bigint') return String(element);
  return JSON.stringify(typeof element === 'string' ? element : Buffer.from(element).toString());
}
