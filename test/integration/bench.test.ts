import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BenchReport } from '../../server/src/bench/benchReport.ts';
import type { Comparison } from '../../server/src/bench/compareReports.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';

let redis: TestRedis;
let shop: Workshop;
let config: string;
let url: string;
beforeAll(async () => {
  redis = await startRedis();
  shop = openWorkshop();
  config = shop.config(
    'loaded',
    `modelPath: ${join(models, 'mlp')}\njobName: loaded\nredisUrl: 127.0.0.1:${redis.port}\nhttpInterface: 127.0.0.1\n`,
  );
  const started = await shop.must('start', '-c', config, '--http', '0', '--json');
  url = /"httpUrl":"([^"]+)"/.exec(started)?.[1] ?? '';
}, 60_000);
afterAll(async () => {
  await shop.close();
  await redis.stop();
});

const short = ['--duration', '1', '--warm-up', '1'];
const run = (...args: string[]) => shop.cli('bench', '-c', config, ...short, ...args);
type Printed = BenchReport & { readonly comparison?: Comparison; readonly saturation: readonly unknown[] };
const parsed = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout) as Printed;

describe.each(['queue', 'http'] as const)('a job under load by way of %s', (way) => {
  const args = () => (way === 'http' ? ['--http', url] : []);

  test('answers every request, and the figures agree with each other', async () => {
    const result = await run(...args(), '--concurrency', '4', '--rate', '50', '--json');
    const report = parsed(result);
    expect([result.code, report.load.way, report.jobName]).toEqual([0, way, 'loaded']);
    expect(report.steps.map(({ kind, value }) => [kind, value])).toEqual([
      ['concurrency', 4],
      ['rate', 50],
    ]);
    for (const { latencyMs, errors, perSecond, requests, parts, stages } of report.steps) {
      expect(errors).toEqual({});
      const { p50 = NaN, p90 = NaN, p99 = NaN, max = NaN } = latencyMs ?? {};
      expect([p50, p90, p99, max]).toEqual([p50, p90, p99, max].sort((a, b) => a - b));
      expect(perSecond).toBeGreaterThan(0);
      expect(parts.reduce((sum, part) => sum + part.perSecond, 0) / parts.length).toBeCloseTo(perSecond, 0);
      expect(requests).toBeGreaterThan(0);
      expect(stages?.inference).toBeGreaterThan(0);
    }
    expect(report.steps[1]?.requests).toBe(50);
    expect(report.saturation).toHaveLength(2);
    // Nothing of it is left.
    expect(await redis.client.xlen('loaded')).toBe(0);
    expect((await redis.client.keys('*bench-*')).length).toBe(0);
  });

  test('is sent the records of files, and what does not fit the model is not sent', async () => {
    const file = join(shop.folder, 'records.json');
    writeFileSync(file, JSON.stringify({ instances: [{ x: [1, 2, 3, 4] }] }));
    const { code, stderr } = await run(...args(), '--file', file);
    expect([code, stderr]).toEqual([1, expect.stringContaining('records.json') as string]);
    expect(await redis.client.xlen('loaded')).toBe(0);
  });
});

test('a run may be compared with a run before', async () => {
  const before = join(shop.folder, 'before.json');
  const first = await run('--concurrency', '2', '--json');
  writeFileSync(before, first.stdout);
  const { stdout } = await run('--concurrency', '2', '--compare', before);
  expect(stdout).toContain('2 under way');
  expect(stdout).toMatch(/answers\/s .*(?:better|worse|noise)\n/);
  expect(stdout).toMatch(/p99 ms .*(?:better|worse|noise)\n/);
  expect(stdout).not.toContain('Not the same load');
});

test('requests that are not answered are counted by what became of them, and end with 1', async () => {
  const report = await run('--http', 'http://127.0.0.1:1', '--concurrency', '1', '--json');
  expect(report.code).toBe(1);
  const [step] = parsed(report).steps;
  expect(step?.errors.ECONNREFUSED).toBeGreaterThan(0);
  expect(step?.latencyMs).toBeUndefined();
});

test.each([
  [['--http', 'nowhere']],
  [['--compare', '/none.json']],
  [['--concurrency', '0']],
  [['--rate', '1,x']],
  [['--file', '/none.json']],
])('%j is wrong use', async (args) => {
  expect((await run(...args)).code).toBe(2);
});

test('a job without workers is not measured', async () => {
  const other = shop.config('idle', `modelPath: m\njobName: idle\nredisUrl: 127.0.0.1:${redis.port}\n`);
  const { code, stderr } = await shop.cli('bench', '-c', other);
  expect([code, stderr]).toEqual([1, expect.stringContaining('No worker of "idle" is running') as string]);
});
