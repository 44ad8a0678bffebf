import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

const waitMs = 60_000;

/** A span as OTLP has it in JSON. */
interface Span {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}
interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: Pick<Span, 'attributes'>;
    readonly scopeSpans: readonly { readonly spans: readonly Omit<Span, 'service'>[] }[];
  }[];
}

let receiver: Server;
let env: Record<string, string>;
const spans: Span[] = [];
let redis: TestRedis;
let shop: Workshop;
let config: string;
let url: string;
beforeAll(async () => {
  receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      for (const { resource, scopeSpans } of (JSON.parse(text) as Sent).resourceSpans) {
        const service = String(valueOf(resource, 'service.name'));
        spans.push(...scopeSpans.flatMap((scope) => scope.spans).map((span) => ({ ...span, service })));
      }
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
    OTEL_BSP_SCHEDULE_DELAY: '50',
  };
  redis = await startRedis();
  shop = openWorkshop();
  config = shop.config(
    'traced',
    `modelPath: ${join(models, 'mlp')}\njobName: traced\nredisUrl: 127.0.0.1:${redis.port}\nhttpInterface: 127.0.0.1\n`,
  );
  const { stdout } = await shop.cliWith({ env }, 'start', '-c', config, '--http', '0', '--json');
  url = /"httpUrl":"([^"]+)"/.exec(stdout)?.[1] ?? '';
}, waitMs);
afterAll(async () => {
  await shop.close();
  await redis.stop();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

function valueOf({ attributes }: Pick<Span, 'attributes'>, name: string): unknown {
  const [value] = Object.values(attributes.find(({ key }) => key === name)?.value ?? {});
  return value;
}

async function infer(base: string, traceId: string, flags = '01'): Promise<number> {
  const inputs = [
    { name: 'x', datatype: 'FP32', shape: [1, 64], data: Array.from({ length: 64 }, () => 0.5) },
  ];
  const { status } = await fetch(`${base}/v2/models/traced/infer`, {
    method: 'POST',
    headers: { traceparent: `00-${traceId}-${'5'.repeat(16)}-${flags}` },
    body: JSON.stringify({ inputs }),
  });
  return status;
}

const parts = ['decode', 'batch wait', 'inference', 'write'];

/** The spans of a trace, once there are all of them. */
function spansOf(traceId: string, names: readonly string[]): Promise<ReadonlyMap<string, Span>> {
  return eventually(
    `the spans ${names.join(', ')}`,
    () => {
      const found = new Map(
        spans.filter((span) => span.traceId === traceId).map((span) => [span.name, span]),
      );
      return Promise.resolve(names.every((name) => found.has(name)) && found);
    },
    waitMs,
  );
}

/** Checks which span is below which. @returns the one of the whole record */
function requireTree(found: ReadonlyMap<string, Span>, below: readonly string[]): Span {
  const http = found.get('POST /v2/models/:name/infer') as Span;
  const whole = found.get('process') as Span;
  expect(http.parentSpanId).toBe('5'.repeat(16));
  expect([valueOf(http, 'http.request.method'), Number(valueOf(http, 'http.response.status_code'))]).toEqual([
    'POST',
    200,
  ]);
  expect(whole.parentSpanId).toBe(http.spanId);
  expect(valueOf(whole, 'messaging.destination.name')).toBe('traced');
  for (const name of below) {
    const { parentSpanId, startTimeUnixNano, endTimeUnixNano } = found.get(name) as Span;
    expect(parentSpanId, name).toBe(whole.spanId);
    expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano), name).toBe(true);
  }
  return whole;
}

test('a request to a worker is one trace from HTTP to its answer', async () => {
  const traceId = 'a'.repeat(32);
  expect(await infer(url, traceId)).toBe(200);
  const whole = requireTree(
    await spansOf(traceId, ['process', 'POST /v2/models/:name/infer', ...parts]),
    parts,
  );
  expect(whole.service).toBe('cluster-serving-worker');
});

test('so is one that a frontend puts into the queue, with the names that its environment gives', async () => {
  const program = join(root, 'bin', 'cluster-serving-http.cjs');
  const args = [program, '-c', config, '--interface=127.0.0.1', '--port=0'];
  const frontend = spawn(process.execPath, args, {
    env: { ...process.env, ...env, OTEL_SERVICE_NAME: 'front' },
  });
  try {
    let text = '';
    frontend.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const find = () => Promise.resolve(/listening on (http[^"]+)/.exec(text)?.[1]);
    const base = await eventually('the frontend', find, waitMs);
    const traceId = 'b'.repeat(32);
    await eventually('an answer', async () => (await infer(base, traceId)) === 200, waitMs);
    const found = await spansOf(traceId, ['process', 'POST /v2/models/:name/infer', 'queue', ...parts]);
    const whole = requireTree(found, ['queue', ...parts]);
    expect(found.get('POST /v2/models/:name/infer')?.service).toBe('front');
    expect(valueOf(whole, 'messaging.message.id')).toMatch(/^\d+-\d+$/);
  } finally {
    frontend.kill('SIGKILL');
  }
});

test('what its caller has not sampled makes no spans', async () => {
  expect(await infer(url, 'c'.repeat(32), '00')).toBe(200);
  // What comes later is exported, so that it would have been.
  expect(await infer(url, 'd'.repeat(32))).toBe(200);
  await spansOf('d'.repeat(32), ['process']);
  expect(spans.filter(({ traceId }) => traceId === 'c'.repeat(32))).toEqual([]);
});
