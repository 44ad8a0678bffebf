import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isRunnable, snippetsOf } from '../support/pages.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';
import { startFrontend, startJob, type TestFrontend } from './httpSupport.ts';

const programs = {
  sh: ['sh', '-ec'],
  python: ['python3', '-c'],
  js: [process.execPath, '--input-type=module', '-e'],
} as const;

let redis: TestRedis;
let workshop: Workshop;
let frontend: TestFrontend;

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('docs');
  const text = `modelPath: ${join(root, 'examples/digits/model')}\njobName: digits\nimageResize: 8,8\n`;
  const path = workshop.config('digits', `${text}redisUrl: 127.0.0.1:${redis.port}\n`);
  await startJob(workshop, path);
  frontend = await startFrontend('-c', path);
});

afterAll(async () => {
  frontend.signal('SIGKILL');
  await workshop.close();
  await redis.stop();
});

const snippets = snippetsOf('docs/http.md').filter(
  (snippet) => isRunnable(snippet) && snippet.notRun === undefined,
);

test.each(snippets)('the $language snippet works: $code', ({ language, code }) => {
  const [program, ...args] = programs[language as keyof typeof programs];
  const here = code.replaceAll('localhost:10020', new URL(frontend.url).host);
  const { status, stdout, stderr } = spawnSync(program, [...args, here], { cwd: root, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  expect(stdout).not.toBe('');
});
