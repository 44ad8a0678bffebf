import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { createGenerator, judgeHttp } from '../generator.ts';
import { hangMs, shortestOf, type FuzzOptions, type FuzzReport } from './fuzz.ts';
import { inputs, loadMlp } from '../mlp.ts';
import { mutate } from './mutate.ts';
import { createRandom, type Random } from '../random.ts';
import { jobName, openWorld } from '../world.ts';

interface Attempt {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Outcome {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

const atOnce = 8;
/** After this many, a good one whose answer must be right. */
const goodAfter = 50;

/** Sends damaged requests to the frontend. Each must get an answer that is no 500, and what is no success a reason. */
export async function fuzzRequests({ seed, count }: FuzzOptions): Promise<FuzzReport> {
  const random = createRandom(seed);
  const generator = createGenerator(createRandom(seed + 1), loadMlp());
  const outcomes = new Map<string, number>();
  const found: string[] = [];
  let slowestMs = 0;
  let sent = 0;
  const world = await openWorld();
  const { url } = world.frontend;

  async function one(attempt: Attempt): Promise<void> {
    const outcome = await send(url, attempt);
    slowestMs = Math.max(slowestMs, outcome.ms);
    outcomes.set(String(outcome.status), (outcomes.get(String(outcome.status)) ?? 0) + 1);
    if (!isFine(outcome)) found.push(`${outcome.status} ${outcome.text.slice(0, 300)}: ${textOf(attempt)}`);
    if (outcome.ms <= hangMs) return;
    const ms = await shortestOf(async () => (await send(url, attempt)).ms);
    if (ms > hangMs) found.push(`takes ${ms.toFixed(0)} ms: ${textOf(attempt)}`);
  }

  async function good(): Promise<void> {
    const question = generator.forHttp();
    const { text } = await send(url, { ...predict, body: Buffer.from(question.fields[0] ?? '') });
    const verdict = judgeHttp(question, text);
    if (verdict !== 'right') found.push(`a good request: ${JSON.stringify(verdict)}`);
  }

  async function client(): Promise<void> {
    while (sent < count && found.length === 0) {
      sent += 1;
      if (sent % goodAfter === 0) await good();
      await one(damage(random));
    }
  }

  try {
    await Promise.all(Array.from({ length: atOnce }, client));
    found.push(...world.crashes());
  } finally {
    await world.close();
  }
  return { count: sent, outcomes, slowestMs, found };
}

const predict = { method: 'POST', path: '/predict', headers: {} };
const row = Array.from({ length: inputs }, (_, i) => i / inputs);
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const instances = json({ instances: [{ x: row }] });
const tensor = { name: 'x', shape: [1, inputs], datatype: 'FP32' };
const head = JSON.stringify({ inputs: [{ ...tensor, parameters: { binary_data_size: inputs * 4 } }] });
const infer = { method: 'POST', path: `/v2/models/${jobName}/infer` };

/** Requests that are right, to be damaged. */
const right: readonly Attempt[] = [
  { ...predict, body: instances },
  { ...predict, headers: { 'content-encoding': 'gzip' }, body: gzipSync(instances) },
  { ...infer, headers: {}, body: json({ inputs: [{ ...tensor, data: row }] }) },
  {
    ...infer,
    headers: { 'inference-header-content-length': String(head.length) },
    body: Buffer.concat([Buffer.from(head), Buffer.from(Float32Array.from(row).buffer)]),
  },
  { method: 'PUT', path: '/models/a/versions/1/predict', headers: {}, body: instances },
];

const oddHeaders: readonly Readonly<Record<string, string>>[] = [
  { 'content-type': 'multipart/form-data; boundary=b' },
  { 'content-type': ';;;' },
  { 'content-encoding': 'gzip' },
  { 'inference-header-content-length': '99999999999' },
  { 'x-deadline-ms': '-5' },
  { authorization: 'bearer' },
  { expect: 'x' },
];

function damage(random: Random): Attempt {
  const what = random.pick(right);
  const body = mutate(
    random,
    what.body,
    right.map((one) => one.body),
  );
  const kind = random.next();
  if (kind < 0.8) return { ...what, body };
  if (kind < 0.9) return { ...what, body, headers: { ...what.headers, ...random.pick(oddHeaders) } };
  const path = mutate(random, Buffer.from(what.path), [Buffer.from('/../%00?a=%ff#x')]).toString('latin1');
  // What node's own client would refuse to send.
  const sendable = `/${path.slice(0, 500).replace(/[^\x21-\x7e]/g, '%')}`;
  return { ...what, path: sendable, method: random.pick(['GET', 'POST', 'DELETE', 'PATCH']) };
}

function isFine({ status, text }: Outcome): boolean {
  // 0: the connection was cut without an answer.
  if (status === 0 || status === 500) return false;
  if (status < 400) return true;
  try {
    return typeof (JSON.parse(text) as { error?: unknown }).error === 'string';
  } catch {
    return false;
  }
}

function send(url: string, { method, path, headers, body }: Attempt): Promise<Outcome> {
  const start = performance.now();
  return new Promise((resolve) => {
    const message = request(
      url + path,
      { method, headers: { ...headers, 'content-length': body.length }, timeout: 20_000 },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
        response.on('close', () =>
          resolve({ status: response.statusCode ?? 0, text, ms: performance.now() - start }),
        );
      },
    );
    message.on('timeout', () => message.destroy(new Error('no answer')));
    message.on('error', (error) =>
      resolve({ status: 0, text: JSON.stringify({ error: String(error) }), ms: performance.now() - start }),
    );
    message.end(body);
  });
}

const textOf = ({ method, path, headers, body }: Attempt) =>
  `${method} ${path} ${JSON.stringify(headers)} base64:${body.toString('base64')}`;
