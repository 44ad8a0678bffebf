import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { JobReport } from '../../schemas/jobEvents.ts';
import { resultPrefix } from '../../schemas/redis/redisKeys.ts';
import { dense, put, record } from '../support/ask.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import { ask, post, row, tensorsOf, type Tensor } from './httpSupport.ts';

// A worker that answers HTTP beside its queue: what the tests of HTTP on both ways do not show.

let redis: TestRedis;
let workshop: Workshop;
let path: string;

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('within');
  path = config('mlp', 'httpPort: 0\nhttpInterface: 127.0.0.1\nredisTimeout: 1000\n');
});
afterEach(async () => {
  await workshop.must('stop', '--all');
  await redis.client.flushall();
});
afterAll(async () => {
  await workshop.close();
  await redis.stop();
});

function config(model: string, more: string): string {
  const lines = `modelPath: ${join(models, model)}\njobName: ${model}\nredisUrl: 127.0.0.1:${redis.port}\n`;
  return workshop.config(`${model}${more.length}`, lines + more);
}

interface Started {
  readonly url: string;
  readonly pid: number;
}

async function start(configPath: string, ...args: string[]): Promise<Started> {
  const lines = (await workshop.must('start', '-c', configPath, '--json', ...args)).trim().split('\n');
  const { started } = JSON.parse(lines.at(-1) ?? '') as {
    started: { httpUrl: string; workers: { pid: number }[] };
  };
  return { url: started.httpUrl, pid: started.workers[0]?.pid ?? 0 };
}

const body = (i: number) => ({ instances: [{ x: row(i) }] });
const enqueue = (uri: string, i: number) => put(redis, 'mlp', uri, record({ x: dense([64], row(i)) }));

test('both ways answer at the same time, and every figure says how many came by which', async () => {
  const { url } = await start(path);
  const counts = 50;
  for (let i = 0; i < counts; i++) await enqueue(`q-${i}`, i);
  const answers = await Promise.all(
    Array.from({ length: counts }, (_, i) => post(`${url}/predict`, body(i))),
  );
  for (const answer of answers) expect((tensorsOf(answer)[0] as Tensor).shape).toEqual([10]);
  const results = Array.from({ length: counts }, (_, i) => `${resultPrefix('mlp')}q-${i}`);
  await eventually('the queue is answered', async () => (await redis.client.exists(...results)) === counts);
  const [job] = (await eventually('it has beaten', async () => {
    const jobs = await workshop.jobs(path);
    return jobs[0]?.workers[0]?.heartbeat?.processed === 2 * counts && jobs;
  })) as [JobReport];
  expect(job.workers[0]?.heartbeat).toMatchObject({ httpUrl: url, overHttp: counts, failed: 0 });
  expect(await workshop.must('status', '-c', path)).toContain(`HTTP ${url}: ${counts} of them`);
  expect(await workshop.must('list', '-c', path)).toContain(`${counts} of its ${2 * counts} records`);
  const { text } = await eventually('Prometheus has it', async () => {
    const answer = await ask(`${url}/metrics/prometheus`);
    return answer.text.includes(`worker_records_over_http_total{`) && answer;
  });
  expect(text).toMatch(/^cluster_serving_records_put_total 0$/m);
  // Nothing of a request is in Redis.
  expect(await redis.client.keys(`${resultPrefix('mlp')}http-*`)).toEqual([]);
});

test('requests are answered while the queue has a long backlog, which goes on too', async () => {
  const { url } = await start(path);
  const many = 20_000;
  const data = record({ x: dense([64], row(1)) });
  const pipeline = redis.client.pipeline();
  for (let i = 0; i < many; i++) pipeline.xadd('mlp', '*', 'uri', `many-${i}`, 'data', data);
  await pipeline.exec();
  const processed = async () => (await workshop.jobs(path))[0]?.workers[0]?.heartbeat;
  const answers = await Promise.all(Array.from({ length: 64 }, (_, i) => post(`${url}/predict`, body(i))));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  await eventually('all are answered', async () => (await processed())?.processed === many + 64, 60_000);
  expect(await processed()).toMatchObject({ overHttp: 64, failed: 0 });
});

describe('Redis away', () => {
  test('changes nothing for requests, and is reported', async () => {
    const { url } = await start(path);
    await redis.kill();
    expect((await post(`${url}/predict`, body(1))).status).toBe(200);
    const { json, status } = await eventually('it is noticed', async () => {
      const answer = await ask(`${url}/health`);
      const checks = answer.json.checks as { name: string; ok: boolean }[];
      return checks.some(({ name, ok }) => name === 'redis' && !ok) && answer;
    });
    expect([status, json.ready]).toEqual([200, true]);
    expect((await ask(`${url}/ready`)).status).toBe(200);
    expect((await post(`${url}/predict`, body(2))).status).toBe(200);
    await redis.start();
    await enqueue('later', 1);
    await eventually('the queue is served again', () => redis.client.exists(`${resultPrefix('mlp')}later`));
  });
});

describe('the end of a worker', () => {
  test('a stop answers what has begun and refuses what comes after that', async () => {
    const slow = config('mlp', 'batchTimeoutMs: 1500\nhttpInterface: 127.0.0.1\n');
    const { url, pid } = await start(slow, '--http', '0');
    const waiting = post(`${url}/predict`, body(1), { 'x-deadline-ms': '20000' });
    await eventually('it has begun', async () => {
      const { text } = await ask(`${url}/metrics/prometheus`);
      return text.includes('cluster_serving_http_requests_in_flight 1\n');
    });
    // A connection from before the stop, on which a request comes after it.
    const late = heldRequest(url);
    await late.connected;
    process.kill(pid, 'SIGTERM');
    await eventually('it says that it stops', async () =>
      ask(`${url}/ready`).then(
        ({ status }) => status === 503,
        () => true,
      ),
    );
    expect(await late.send(JSON.stringify(body(2)))).toMatch(/^(503|closed)$/);
    expect((await waiting).status).toBe(200);
    await eventually('it has ended', async () => (await workshop.jobs(slow)).length === 0);
  });

  test('a process that dies is replaced within seconds, on the same port; its records are answered', async () => {
    const { url, pid } = await start(
      config('mlp', 'httpPort: 0\nhttpInterface: 127.0.0.1\nclaimIdleMs: 500\n'),
    );
    const first = childOf(pid);
    process.kill(first, 'SIGSTOP');
    await enqueue('taken', 1);
    const cut = post(`${url}/predict`, body(1)).catch(() => 'closed');
    process.kill(first, 'SIGKILL');
    expect(await cut).toBe('closed');
    await eventually('it answers again', async () =>
      post(`${url}/predict`, body(2)).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    expect(childOf(pid)).not.toBe(first);
    await eventually('the record is answered', () => redis.client.exists(`${resultPrefix('mlp')}taken`));
    const [job] = await workshop.jobs(path);
    expect(job).toMatchObject({ state: 'running' });
    expect(job?.workers).toHaveLength(1);
  });

  test('a worker that is stopped or killed as a whole stays away', async () => {
    for (const end of ['SIGTERM', 'SIGKILL'] as const) {
      const { url, pid } = await start(path);
      const child = childOf(pid);
      process.kill(pid, end);
      await eventually('both have ended', () => Promise.resolve([pid, child].every((one) => !runs(one))));
      await expect(post(`${url}/predict`, body(1))).rejects.toThrow();
      await workshop.must('stop', '--all');
    }
  });

  test('a deadline is kept although the model waits for more records', async () => {
    const slow = config('mlp', 'batchTimeoutMs: 60000\nhttpPort: 0\nhttpInterface: 127.0.0.1\n');
    const { url } = await start(slow);
    const answer = await post(`${url}/predict`, body(1), { 'x-deadline-ms': '200' });
    expect([answer.status, answer.json.code]).toEqual([504, 'deadline-exceeded']);
    await eventually('it is counted', async () => {
      const [job] = await workshop.jobs(slow);
      return job?.workers[0]?.heartbeat?.expired === 1;
    });
  });
});

describe('a start that cannot be', () => {
  let taken: Server;
  let port: number;
  beforeAll(async () => {
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    ({ port } = taken.address() as { port: number });
  });
  afterAll(() => void taken.close());

  test('because the port is taken leaves nothing behind', async () => {
    const { code, stderr } = await workshop.cli('start', '-c', path, '--http', String(port));
    expect(code).toBe(2);
    expect(stderr).toContain(`Port ${port} of 127.0.0.1`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(await workshop.jobs(path)).toEqual([]);
  });

  test.each([
    [['--http', '1', '--workers', '2'], 'cannot share the HTTP port 1'],
    [['--http', '0', '--http-option', 'redisPort=1'], 'redisPort has no effect'],
    [['--http', '0', '--http-option', 'timeWindow=1'], 'batchTimeoutMs'],
    [['--http', '0', '--http-option', 'nosuch=1'], 'no option --nosuch'],
    [['--backend', 'flink', '--http', '0'], 'cluster-serving http'],
    [['--http', 'x'], 'port'],
  ])('because of %j is refused in one sentence', async (args, says) => {
    const plain = config('mlp', 'redisTimeout: 2000\n');
    const { code, stderr } = await workshop.cli('start', '-c', plain, ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });
});

test('secrets among the options are in no list of processes, and hold', async () => {
  const { url, pid } = await start(path, '--http-option', 'apiKey=opensesame');
  for (const process of [pid, childOf(pid)])
    expect(readFileSync(`/proc/${process}/cmdline`, 'utf8')).not.toContain('opensesame');
  expect((await post(`${url}/predict`, body(1))).status).toBe(401);
  const right = await post(`${url}/predict`, body(1), { authorization: 'Bearer opensesame' });
  expect(right.status).toBe(200);
});

/** The process that has the model: that of the worker's pid starts it again when it dies. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

function runs(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}

/** A request whose body is sent later. */
function heldRequest(url: string): {
  readonly connected: Promise<void>;
  /** @returns the status, or `closed` if the server has ended the connection */
  send(text: string): Promise<string>;
} {
  const sent = request(`${url}/predict`, { method: 'POST' });
  const answer = new Promise<string>((resolve) => {
    sent.on('response', (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    sent.on('error', () => resolve('closed'));
  });
  const connected = new Promise<void>((resolve) => {
    sent.on('socket', (socket) => socket.on('connect', () => resolve()));
  });
  return {
    connected,
    send(text) {
      sent.end(text);
      return answer;
    },
  };
}
