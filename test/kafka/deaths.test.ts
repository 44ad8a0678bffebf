import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKafka, type TestKafka } from '../support/kafka.ts';
import { eventually } from '../support/redis.ts';
import { root } from '../support/serving.ts';
import { recordMessage } from './queueSupport.ts';

const program = join(root, '.cache', 'kafka-mortal', 'mortal.mjs');
let kafka: TestKafka;
let child: ChildProcess | undefined;

beforeAll(async () => {
  await build({
    entryPoints: [join(root, 'test', 'kafka', 'mortal.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  kafka = await startKafka({ properties: { 'group.min.session.timeout.ms': 1_000 } });
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await kafka.stop();
});

it('gives a record up that workers died of alone, and answers all that shared a run with it', async () => {
  const uris = ['a', 'b', 'poison', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
  await kafka.produce(
    'mortal',
    uris.map((uri) => recordMessage(uri)),
  );
  let deaths = 0;
  const startWorker = () => {
    child = spawn(process.execPath, [program, String(kafka.port), 'mortal', `life-${deaths}`], {
      stdio: 'inherit',
    });
    child.once('exit', (_code, signal) => {
      if (signal !== 'SIGKILL' || isOver) return;
      deaths += 1;
      startWorker();
    });
  };
  let isOver = false;
  startWorker();
  await eventually(
    'a result for each',
    async () => new Set((await kafka.readAll('cluster-serving_mortal')).map(({ key }) => key)).size === 10,
    120_000,
  );
  isOver = true;
  const results = await kafka.readAll('cluster-serving_mortal');
  for (const { key, value } of results)
    expect([key, String(value)]).toEqual([key, key === 'poison' ? 'NaN' : '1']);
  const letters = await kafka.readAll('cluster-serving_mortal_dead');
  expect(letters.map(({ key }) => key)).toEqual(['poison']);
  expect(JSON.parse(String(letters[0]?.value))).toMatchObject({ uri: 'poison' });
  // Once with others, where nothing counts; then alone.
  expect(deaths).toBeGreaterThanOrEqual(3);
  expect(deaths).toBeLessThanOrEqual(5);
  await eventually(
    'the commit',
    async () => (await kafka.committed('mortal')).get(0) === BigInt(uris.length),
    60_000,
  );
});
