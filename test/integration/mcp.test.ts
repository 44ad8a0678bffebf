import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobReport } from '../../schemas/jobEvents.ts';
import type { ChangeReport, RecordPreview } from '../../schemas/redis/queueReports.ts';
import { outputsOf, dense, put, record } from '../support/ask.ts';
import { eventually, freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

let redis: TestRedis;
let shop: Workshop;
let client: Client;
const program = join(root, 'bin', 'cluster-serving.cjs');

beforeAll(async () => {
  redis = await startRedis('--appendfsync', 'no');
  shop = openWorkshop();
  client = new Client({ name: 'an agent', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [program, 'mcp'],
      cwd: shop.folder,
      env: environment(),
    }),
  );
});
afterAll(async () => {
  await client.close();
  await shop.close();
  await redis.stop();
});

function environment(): Record<string, string> {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(own), CLUSTER_SERVING_STATE: shop.state };
}

/** @returns the path as an agent names it, relative to the folder that the server works in */
function serving(jobName: string, model: string, more = ''): string {
  shop.config(
    jobName,
    `modelPath: ${join(models, model)}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${redis.port}\n${more}`,
  );
  return `${jobName}/config.yaml`;
}

interface Called<T> {
  readonly text: string;
  readonly data: T;
  readonly failed: boolean;
  readonly images: number;
}

async function call<T>(name: string, args: Record<string, unknown>): Promise<Called<T>> {
  const result = await client.callTool({ name, arguments: args });
  const content = result.content as { type: string; text?: string }[];
  return {
    text: content[0]?.text ?? '',
    data: result.structuredContent as T,
    failed: result.isError === true,
    images: content.filter(({ type }) => type === 'image').length,
  };
}

async function must<T>(name: string, args: Record<string, unknown>): Promise<Called<T>> {
  const called = await call<T>(name, args);
  if (called.failed) throw new Error(`${name}: ${called.text}`);
  return called;
}

interface Failed {
  readonly error: { readonly code: string; readonly message: string };
}

test('an agent starts a job, predicts, finds a dead letter and its log, puts it back, and stops the job', async () => {
  const config = serving('agent', 'mlp');
  const steps: string[] = [];
  const started = await client.callTool({ name: 'start_job', arguments: { config } }, undefined, {
    onprogress: ({ message }) => steps.push(message ?? ''),
  });
  expect(started.isError).not.toBe(true);
  expect(started.structuredContent).toMatchObject({ started: { jobName: 'agent' } });
  expect(steps).toContain('model');

  const { data: listed, text } = await must<{ jobs: JobReport[] }>('list_jobs', { config });
  expect(listed.jobs).toMatchObject([{ jobName: 'agent', state: 'running' }]);
  expect(text).toContain('agent: running');
  const { data: described } = await must<{ jobs: JobReport[] }>('job_status', { jobName: 'agent', config });
  const [input] = described.jobs[0]?.workers[0]?.heartbeat?.inputs ?? [];
  const size = input?.shape.at(-1) ?? 0;
  expect(size).toBeGreaterThan(0);

  const fitting = { instances: [{ [input?.name ?? '']: Array.from({ length: size }, () => 1) }] };
  writeFileSync(join(shop.folder, 'agent', 'fitting.json'), JSON.stringify(fitting));
  const { data: predicted } = await must<{ predictions: { outputs?: unknown[] }[] }>('predict', {
    config,
    files: ['agent/fitting.json'],
    instances: JSON.stringify(fitting),
  });
  expect(predicted.predictions).toHaveLength(2);
  expect(predicted.predictions[0]?.outputs).toEqual(predicted.predictions[1]?.outputs);
  expect(predicted.predictions[0]?.outputs).toMatchObject([{ data: expect.any(Array) as unknown }]);

  await put(redis, 'agent', 'wrong', record({ [input?.name ?? '']: dense([3], [1, 2, 3]) }));
  expect(await outputsOf(redis, 'agent', 'wrong')).toBe('NaN');
  const { data: dead } = await must<{ records: RecordPreview[] }>('dead_letters', { config });
  expect(dead.records).toMatchObject([{ uri: 'wrong', inputs: [{ shape: [3], values: [1, 2, 3] }] }]);
  expect(dead.records[0]?.dead?.reason).toMatch(/^input-mismatch: /);

  const log = await eventually('a line about it in the log', async () => {
    const { data } = await must<{ logs: { lines: string[] }[] }>('job_logs', { jobName: 'agent', config });
    return data.logs.flatMap(({ lines }) => lines).find((line) => line.includes('wrong'));
  });
  expect(log).toContain('input-mismatch');

  await must('stop_job', { config });
  const { data: back } = await must<ChangeReport>('requeue_dead_letters', { config, all: true });
  expect(back).toEqual({ jobName: 'agent', done: 1, refused: [] });
  const { data: waiting } = await must<{ records: RecordPreview[] }>('waiting_records', { config });
  expect(waiting.records).toMatchObject([{ uri: 'wrong', state: 'waiting' }]);
  expect((await must<{ jobs: JobReport[] }>('list_jobs', { config })).data.jobs).toEqual([]);
  expect((await must('stop_job', { config })).text).toContain('No job "agent" is running');
}, 60_000);

describe('what an agent is answered', () => {
  test('shows an image of a record as an image, and not as text', async () => {
    const config = serving('pictured', 'echo');
    const bytes = readFileSync(join(root, 'media', 'icon.png'));
    const instance = { instances: [{ x: { b64: bytes.toString('base64') } }] };
    await put(redis, 'pictured', 'one', JSON.stringify(instance), 'stream');
    const { data, images, text } = await must<{ records: RecordPreview[] }>('waiting_records', { config });
    expect(images).toBe(1);
    expect(text).toContain('png of');
    expect(JSON.stringify(data)).not.toContain('data:image');
  });

  test('names what was not sent, and has the numbers that JSON has no word for', async () => {
    const config = serving('odd', 'echo');
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }".padEnd(117) + '\n';
    writeFileSync(
      join(shop.folder, 'odd', 'notFinite.npy'),
      Buffer.concat([
        Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]),
        Buffer.from(header),
        Buffer.from(Float32Array.of(NaN, -Infinity, 2).buffer),
      ]),
    );
    await must('start_job', { config });
    const { data } = await must<{ predictions: unknown[] }>('predict', {
      config,
      instances: '{"instances":[{"x":[1,3.5]}]}',
      files: ['odd/absent.npy', 'odd/notFinite.npy'],
    });
    expect(data).toMatchObject({
      predictions: [
        { name: 'odd/absent.npy', error: 'wrong-use' },
        { name: 'instances', outputs: [{ shape: [2], data: [1, 3.5] }] },
        { name: 'notFinite.npy', outputs: [{ shape: [3], data: ['NaN', '-Infinity', 2] }] },
      ],
      summary: { records: 3, failed: 1 },
    });
    await must('stop_job', { config, drain: true });
  }, 60_000);

  test('is the code of what failed in the world, from every kind of tool', async () => {
    const port = await freePort();
    shop.config('away', `modelPath: ${join(models, 'echo')}\njobName: away\nredisUrl: 127.0.0.1:${port}\n`);
    const config = 'away/config.yaml';
    const codeOf = async (name: string, args: Record<string, unknown>) => {
      const { failed, data } = await call<Failed>(name, args);
      return failed ? data.error.code : undefined;
    };
    expect(await codeOf('dead_letters', { config })).toBe('redis-refused');
    expect(await codeOf('job_logs', { config })).toBe('job-unknown');
    expect(await codeOf('job_status', { config, jobName: 'none' })).toBe('job-unknown');
    expect(await codeOf('stop_job', { config, jobName: 'none' })).toBe('job-unknown');
    const idle = serving('idle', 'echo');
    const instances = '{"instances":[{"x":[1]}]}';
    expect(await codeOf('predict', { config: idle, instances })).toBe('job-failed');
    const { data } = await must<{ ok: boolean }>('doctor', { config: idle });
    expect(data.ok).toBe(true);
  });
});

describe('the program', () => {
  async function spawned(): Promise<{ child: ReturnType<typeof spawn>; lines: string[] }> {
    const child = spawn(process.execPath, [program, 'mcp'], {
      cwd: shop.folder,
      env: environment(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let text = '';
    const lines: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      lines.splice(0, lines.length, ...text.split('\n').slice(0, -1));
    });
    child.stdin.write(
      `${JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: {
          protocolVersion: '2025-06-18',
          capabilities: {},
          clientInfo: { name: 'raw', version: '1' },
        },
      })}\n`,
    );
    await eventually('an answer', () => Promise.resolve(lines.length > 0));
    return { child, lines };
  }

  test('ends with 0 when its client closes the connection, and on a signal', async () => {
    const { child } = await spawned();
    const ended = once(child, 'exit');
    child.stdin?.end();
    expect(await ended).toEqual([0, null]);
    const other = await spawned();
    const otherEnded = once(other.child, 'exit');
    other.child.kill('SIGTERM');
    expect(await otherEnded).toEqual([0, null]);
  });

  test('goes on after a line that is no message, and writes nothing but messages', async () => {
    const { child, lines } = await spawned();
    child.stdin?.write('this is no JSON\n{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n');
    await eventually('the tools', () => Promise.resolve(lines.length > 1));
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
    const ended = once(child, 'exit');
    child.stdin?.end();
    await ended;
  });

  test('ends a start that is under way when its client goes, and nothing of it is left', async () => {
    const config = serving('gone', 'echo', 'redisTimeout: 60000\n');
    const { child, lines } = await spawned();
    // Redis keeps the start waiting.
    redis.signal('SIGSTOP');
    try {
      child.stdin?.write(
        `${JSON.stringify({
          jsonrpc: '2.0',
          id: 2,
          method: 'tools/call',
          params: { name: 'start_job', arguments: { config }, _meta: { progressToken: 1 } },
        })}\n`,
      );
      await eventually('the step that waits', () =>
        Promise.resolve(lines.some((line) => line.includes('"message":"redis"'))),
      );
      const ended = once(child, 'exit');
      child.stdin?.end();
      expect(await ended).toEqual([0, null]);
    } finally {
      redis.signal('SIGCONT');
    }
    expect((await must<{ jobs: JobReport[] }>('list_jobs', { config })).data.jobs).toEqual([]);
  });
});

describe('a single call', () => {
  function single(tool: string, input: string) {
    const { stdout, stderr, status } = spawnSync(process.execPath, [program, 'mcp', '--call', tool], {
      cwd: shop.folder,
      env: environment(),
      input,
      encoding: 'utf8',
    });
    return { stdout, stderr, status };
  }

  test('prints in one line what the server answers to the same call', async () => {
    const config = serving('single', 'echo');
    for (const [tool, args] of [
      ['explain_config', { config }],
      ['list_jobs', { config }],
      ['lint_config', { text: 'modelPath: m\nbatchSize: many\n' }],
      ['dead_letters', { config, count: 2 }],
    ] as const) {
      const { stdout, status } = single(tool, JSON.stringify(args));
      expect([tool, status, stdout.split('\n').length]).toEqual([tool, 0, 2]);
      expect(JSON.parse(stdout)).toEqual(await client.callTool({ name: tool, arguments: args }));
    }
  });

  test('without arguments takes the config of the folder that it runs in', () => {
    const { stdout, status } = single('explain_config', ' \n');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'config-unreadable' } },
    });
    expect(stdout).toContain('config.yaml');
  });

  test.each([
    ['arguments that the tool does not have', 'list_jobs', '{"confg":"x"}'],
    ['a list in place of arguments', 'list_jobs', '[]'],
    ['a tool that is not there', 'toString', '{}'],
  ])('refuses %s in its result', (_, tool, input) => {
    const { stdout, status } = single(tool, input);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'wrong-use' } },
    });
  });

  test('refuses arguments that are no JSON, and says where they come from', () => {
    const { stdout, stderr, status } = single('list_jobs', '{config: x}');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('standard input');
  });
});
