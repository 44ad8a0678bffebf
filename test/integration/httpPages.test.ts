import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';
import { post, startFrontend, startJob, type TestFrontend } from './httpSupport.ts';

let redis: TestRedis;
let workshop: Workshop;
let frontend: TestFrontend;
let browser: Browser;
let page: Page;
let troubles: string[];

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('pages');
  const text = `modelPath: ${join(root, 'examples/digits/model')}\njobName: digits\nimageResize: 8,8\n`;
  const path = workshop.config('digits', `${text}redisUrl: 127.0.0.1:${redis.port}\n`);
  await startJob(workshop, path);
  frontend = await startFrontend('-c', path);
  // The browser of the system; its sandbox needs rights that containers do not have.
  const found = spawnSync('which', ['chromium', 'google-chrome'], { encoding: 'utf8' }).stdout;
  const executablePath = process.env.CHROMIUM ?? found.split('\n')[0] ?? '';
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  page = await browser.newPage();
  troubles = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(frontend.url)) troubles.push(`the page asks ${request.url()}`);
  });
});

afterAll(async () => {
  await browser.close();
  frontend.signal('SIGKILL');
  await workshop.close();
  await redis.stop();
});

test('the monitor shows each job and draws what happens', async () => {
  await page.goto(`${frontend.url}/monitor`);
  const job = page.locator('section.job', { hasText: 'digits' });
  await job.locator('.state.running').waitFor();
  expect(await job.locator('canvas').count()).toBe(6);
  const image = Array.from({ length: 3 }, () =>
    Array.from({ length: 8 }, () => Array(8).fill(0) as number[]),
  );
  await post(`${frontend.url}/predict`, { instances: [{ image }] });
  const figure = page.locator('section.job', { hasText: 'HTTP frontend' }).locator('figure').first();
  await figure.locator('summary').click();
  await expect
    .poll(() => figure.locator('tbody tr, table > tr').count(), { timeout: 10_000 })
    .toBeGreaterThan(3);
  expect(await figure.locator('[role=img]').getAttribute('aria-label')).toContain('records/s');
  expect(troubles).toEqual([]);
});

test('the monitor is in Chinese where the browser asks for it', async () => {
  const context = await browser.newContext({ locale: 'zh-CN' });
  const chinese = await context.newPage();
  await chinese.goto(`${frontend.url}/monitor`);
  const job = chinese.locator('section.job', { hasText: 'digits' });
  await job.locator('figcaption', { hasText: '吞吐量' }).waitFor();
  await job.locator('.state.running', { hasText: '运行中' }).waitFor();
  expect(await chinese.locator('html').getAttribute('lang')).toBe('zh-CN');
  await context.close();
});

test('every example of the docs succeeds when its button is pressed', async () => {
  await page.goto(`${frontend.url}/docs`);
  const operations = page.locator('details');
  await operations.first().waitFor();
  const count = await operations.count();
  expect(count).toBeGreaterThan(8);
  for (let i = 0; i < count; i++) {
    const operation = operations.nth(i);
    if ((await operation.getAttribute('open')) === null) await operation.locator('summary').click();
    await operation.locator('button').click();
    await expect.poll(() => operation.locator('pre').textContent(), { timeout: 10_000 }).toMatch(/^200 /);
  }
  expect(troubles).toEqual([]);
});
