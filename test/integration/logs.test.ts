import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

const waitMs = 60_000;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  redis = await startRedis();
  shop = openWorkshop();
});
afterAll(async () => {
  await shop.close();
  await redis.stop();
});

const configOf = (jobName: string, more = '') =>
  shop.config(
    jobName,
    `modelPath: ${join(models, 'mlp')}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${redis.port}\n${more}`,
  );

/** The job's worker; jobs of other tests may be listed, too. */
async function workerOf(config: string, name: string) {
  const job = (await shop.jobs(config)).find(({ jobName }) => jobName === name);
  const { logFile = '', workerId = '' } = job?.workers[0]?.registration ?? {};
  return { logFile, workerId };
}

type Line = Readonly<Record<string, string>>;
const objectsOf = (text: string) =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

test('a log of objects is followed across rotations without a gap, and takes no more of the disk than it may', async () => {
  const config = configOf('rotated', 'logMaxMegabytes: 1\nlogFiles: 2\n');
  await shop.must('start', '-c', config, '--log-format', 'json');
  const { logFile, workerId } = await workerOf(config, 'rotated');
  const reader = spawn(
    process.execPath,
    [join(root, 'bin', 'cluster-serving.cjs'), 'logs', '-c', config, '-f', '--json'],
    { env: { ...process.env, CLUSTER_SERVING_STATE: shop.state } },
  );
  try {
    let text = '';
    reader.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const uris = () => text.match(/"recordId":/g)?.length ?? 0;
    const long = 'x'.repeat(9_000);
    let sent = 0;
    // No faster than the log takes lines.
    while (sent < 150) {
      for (let i = 0; i < 10; i++) {
        await redis.client.xadd('rotated', '*', 'uri', `${sent}\u202e${long}`, 'data', 'no payload');
        sent += 1;
      }
      await eventually(`${sent} lines`, () => Promise.resolve(uris() === sent), waitMs);
    }
    const given = objectsOf(text).filter(({ recordId }) => recordId !== undefined);
    expect(given.map(({ uri = '' }) => Number(/^\d+/.exec(uri)?.[0]))).toEqual(
      Array.from({ length: sent }, (_, i) => i),
    );
    for (const line of given)
      expect(line).toMatchObject({ job: 'rotated', worker: workerId, code: 'record-undecodable' });
    expect(text).not.toContain('\u202e');
    expect(existsSync(`${logFile}.1`)).toBe(true);
    const sizes = readdirSync(dirname(logFile)).map((name) => statSync(join(dirname(logFile), name)).size);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_000_000);
    expect(sizes.filter((size) => size > 0)).toHaveLength(2);
  } finally {
    reader.kill();
  }
  const shown = await shop.must('logs', '-c', config, '-n', '2');
  expect(shown).toMatch(/^\S+Z WARN {2}record \d+-0 \(uri 148\\u202exx.*\n\S+Z WARN {2}record .*\n$/);
});

test('a log of text is handed on as objects, too', async () => {
  const config = configOf('plain', 'logFormat: text\n');
  await shop.must('start', '-c', config);
  const { logFile } = await workerOf(config, 'plain');
  expect(readFileSync(logFile, 'utf8')).toMatch(/^\S+Z INFO {2}/);
  const lines = objectsOf(await shop.must('logs', '-c', config, '--json'));
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(line).toMatchObject({ level: 'info', time: expect.any(String) as string });
});

test('in the foreground the log is printed, for containers', async () => {
  const config = configOf('container', 'logFormat: json\n');
  const child = spawn(
    process.execPath,
    [join(root, 'bin', 'cluster-serving.cjs'), 'start', '-c', config, '--foreground'],
    { env: { ...process.env, CLUSTER_SERVING_STATE: shop.state } },
  );
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await eventually('the line', () => Promise.resolve(text.includes('ready: job container')), waitMs);
  child.kill('SIGTERM');
  await ended;
  expect(objectsOf(text).at(-1)).toMatchObject({ level: 'info', job: 'container' });
});

test('a line names the trace that its record belongs to, whichever way it came', async () => {
  const config = configOf('traced', 'logFormat: json\nhttpInterface: 127.0.0.1\n');
  const started = await shop.must('start', '-c', config, '--http', '0', '--json');
  const url = /"httpUrl":"([^"]+)"/.exec(started)?.[1] ?? '';
  const traceOf = (id: string) => `00-${id.repeat(32)}-${id.repeat(16)}-01`;
  const fields = ['uri', 'one', 'data', 'no payload', 'traceparent', traceOf('a')];
  await redis.client.xadd('traced', '*', ...fields);
  const image = Buffer.from('no image').toString('base64');
  await fetch(`${url}/predict`, {
    method: 'POST',
    headers: { traceparent: traceOf('b') },
    body: JSON.stringify({ instances: [{ x: image }] }),
  });
  const { logFile } = await workerOf(config, 'traced');
  const linesOf = (file: string) => objectsOf(readFileSync(file, 'utf8'));
  const ofRecord = () => linesOf(logFile).filter(({ uri }) => uri === 'one');
  const ofRequest = () => linesOf(`${logFile}.http`).filter(({ traceparent }) => traceparent !== undefined);
  await eventually(
    'the lines',
    () => Promise.resolve(ofRecord().length > 0 && ofRequest().length > 0),
    waitMs,
  );
  for (const { traceparent } of ofRecord()) expect(traceparent).toBe(traceOf('a'));
  for (const { traceparent } of ofRequest()) expect(traceparent).toBe(traceOf('b'));
});

test('a format that is none is refused', async () => {
  const { code, stderr } = await shop.cli('start', '-c', configOf('odd'), '--log-format', 'xml');
  expect([code, stderr]).toEqual([2, expect.stringContaining('text or json') as string]);
});
