import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';
import { ask, post, startFrontend, startJob, type TestFrontend } from './httpSupport.ts';

const images = join(root, 'examples', 'digits', 'images');
/** As the test support has it: other load must not fail a test. */
const waitMs = 60_000;

let redis: TestRedis;
let workshop: Workshop;
let frontend: TestFrontend;
/** The same, with an API key. */
let locked: TestFrontend;
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
  locked = await startFrontend('-c', path, '--apiKey=open sesame');
  // The browser of the system; its sandbox needs rights that containers do not have.
  const found = spawnSync('which', ['chromium', 'google-chrome'], { encoding: 'utf8' }).stdout;
  const executablePath = process.env.CHROMIUM ?? found.split('\n')[0] ?? '';
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  troubles = [];
  page = await open();
});

/** A page of its own. What its console reports and whom it asks is kept in `troubles`. */
async function open(options: BrowserContextOptions = {}, url = frontend.url): Promise<Page> {
  const context = await browser.newContext(options);
  const opened = await context.newPage();
  opened.setDefaultTimeout(waitMs);
  opened.on('pageerror', (error) => troubles.push(error.message));
  opened.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text());
  });
  opened.on('request', (request) => {
    if (!request.url().startsWith(url)) troubles.push(`the page asks ${request.url()}`);
  });
  return opened;
}

/** What axe finds wrong, in short. */
async function violations(of: Page): Promise<readonly string[]> {
  // Not by a script element, which the page's policy rightly forbids.
  await of.evaluate(axe.source);
  const { violations: found } = await of.evaluate<AxeResults>('axe.run()');
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

afterAll(async () => {
  await browser.close();
  frontend.signal('SIGKILL');
  locked.signal('SIGKILL');
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
    .poll(() => figure.locator('tbody tr, table > tr').count(), { timeout: waitMs })
    .toBeGreaterThan(3);
  expect(await figure.locator('[role=img]').getAttribute('aria-label')).toContain('records/s');
  expect(troubles).toEqual([]);
});

test('the monitor shows the figure of now beside each title, and that of the moment under the pointer', async () => {
  await page.goto(`${frontend.url}/monitor`);
  const figure = page.locator('section.job', { hasText: 'digits' }).locator('figure', { hasText: 'Backlog' });
  await expect.poll(() => figure.locator('.value').textContent(), { timeout: waitMs }).toBe('0');
  expect(await figure.locator('.moment').textContent()).toBe('');
  // The figures come once a second: the pointer has to be over a moment that there is.
  await figure.locator('.u-over').hover();
  await expect
    .poll(() => figure.locator('.moment').textContent(), { timeout: waitMs })
    .toMatch(/^\d\d:\d\d:\d\d$/);
  await page.mouse.move(0, 0);
  await expect.poll(() => figure.locator('.moment').textContent(), { timeout: waitMs }).toBe('');
});

test('the monitor shows the jobs that are chosen, and keeps its range', async () => {
  await page.goto(`${frontend.url}/monitor`);
  await page.locator('section.job').nth(1).waitFor();
  await page.locator('.chip', { hasText: 'digits' }).click();
  await expect
    .poll(() => page.locator('section.job h2').allTextContents(), { timeout: waitMs })
    .toEqual(['digits']);
  await page.locator('.segments button', { hasText: '60 min' }).click();
  expect(await page.locator('.segments [aria-pressed=true]').textContent()).toBe('60 min');
  await page.locator('.chip', { hasText: 'All' }).click();
  await expect.poll(() => page.locator('section.job h2').count(), { timeout: waitMs }).toBe(2);
});

test('the monitor is in Chinese where the browser asks for it', async () => {
  const chinese = await open({ locale: 'zh-CN' });
  await chinese.goto(`${frontend.url}/monitor`);
  const job = chinese.locator('section.job', { hasText: 'digits' });
  await job.locator('figcaption', { hasText: '吞吐量' }).waitFor();
  await job.locator('.state.running', { hasText: '运行中' }).waitFor();
  expect(await chinese.locator('html').getAttribute('lang')).toBe('zh-CN');
  await chinese.context().close();
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
    await expect.poll(() => operation.locator('pre').textContent(), { timeout: waitMs }).toMatch(/^200 /);
  }
  expect(troubles).toEqual([]);
});

describe('the page that tries a model', () => {
  const answer = () => page.locator('.answer');

  async function send(...names: string[]): Promise<void> {
    await page.locator('input[type=file]').setInputFiles(names.map((name) => join(images, name)));
  }

  test('is for browsers; every other client gets the welcome as it always was', async () => {
    const plain = { type: 'text/plain; charset=utf-8', text: 'welcome to BigDL web serving frontend' };
    for (const accept of ['*/*', 'text/plain', 'application/json', 'text/html;q=0', 'text/htmlx', '']) {
      const { text, headers } = await ask(frontend.url, { headers: { accept } });
      expect({ accept, type: headers.get('content-type'), text }).toEqual({ accept, ...plain });
    }
    for (const accept of ['text/html', 'application/xhtml+xml, TEXT/HTML;q=0.9, */*;q=0.8'])
      expect((await ask(frontend.url, { headers: { accept } })).text).toMatch(/^<!doctype html>/);
  });

  test('shows the image, the best classes and where the time went', async () => {
    await page.goto(frontend.url);
    await page.locator('.signature', { hasText: 'probabilities' }).waitFor();
    await send('digit-00.png');
    await answer().locator('.bars li').first().waitFor();
    expect(await answer().locator('.bars li').count()).toBe(5);
    expect(await answer().locator('.bars li').first().textContent()).toMatch(/^class \d\d?\d?\.\d %$/);
    expect(await answer().locator('.waterfall').first().textContent()).toMatch(
      /network.*receive.*queue, model and result/,
    );
    expect(await answer().locator('canvas[role=img]').first().getAttribute('aria-label')).toContain(
      'digit-00.png',
    );
    // What is usual for the job comes with its next heartbeat.
    await expect
      .poll(
        async () => {
          await answer().locator('button', { hasText: 'Try Again' }).click();
          await answer().locator('.waterfall').first().waitFor();
          return answer().locator('.waterfall').count();
        },
        { timeout: waitMs },
      )
      .toBe(2);
    expect(troubles).toEqual([]);
  });

  test('keeps the last requests, to look at again', async () => {
    await page.goto(frontend.url);
    await page.locator('.signature').waitFor();
    await send('digit-01.png', 'digit-02.png');
    const entries = page.locator('.history .entry');
    await expect.poll(() => entries.count(), { timeout: waitMs }).toBe(2);
    await expect
      .poll(() => entries.allTextContents(), { timeout: waitMs })
      .toEqual([
        expect.stringMatching(/digit-02.*class/) as string,
        expect.stringMatching(/digit-01.*class/) as string,
      ]);
    await entries.nth(1).click();
    await answer().locator('canvas[aria-label*="digit-01"]').waitFor();
    expect(await entries.nth(1).getAttribute('aria-pressed')).toBe('true');
  });

  test('is used without a mouse, and says why there is no prediction', async () => {
    await page.goto(frontend.url);
    await page.locator('.signature').waitFor();
    await page.locator('.segments button', { hasText: 'JSON' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await expect
      .poll(() => page.evaluate('document.activeElement.matches("textarea")'), { timeout: waitMs })
      .toBe(true);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('{"instances": [{"image": [1, 2]}]}');
    await page.keyboard.press('Control+Enter');
    await answer().locator('.notice.bad', { hasText: 'input-mismatch' }).waitFor();
    expect(await answer().locator('.notice.bad').textContent()).toContain('instances[0]');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('{"instances": ');
    await page.keyboard.press('Control+Enter');
    await page.locator('.request [role=alert]', { hasText: 'This is no JSON' }).waitFor();
    // The browser itself reports an answer that is no success.
    troubles = troubles.filter((text) => !text.includes('400 (Bad Request)'));
    expect(troubles).toEqual([]);
  });

  test('takes a file that is dropped or pasted, and refuses what is neither an image nor JSON', async () => {
    await page.goto(frontend.url);
    await page.locator('.signature').waitFor();
    await page.locator('input[type=file]').setInputFiles({
      name: 'notes.png',
      mimeType: 'image/png',
      buffer: Buffer.from('no image'),
    });
    await page.locator('.request [role=alert]', { hasText: 'notes.png' }).waitFor();
    await page.evaluate(`
      const data = new DataTransfer();
      data.items.add(new File(['{"instances": []}'], 'body.json', { type: 'application/json' }));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    `);
    await expect
      .poll(() => page.locator('textarea').inputValue(), { timeout: waitMs })
      .toBe('{"instances": []}');
  });

  test('shows the same request as programs that get the same answer', async () => {
    await page.goto(frontend.url);
    await page.locator('.signature').waitFor();
    await send('digit-03.png');
    await answer().locator('.bars li').first().waitFor();
    const expected = await best();
    const programs = {
      curl: ['bash', '-e'],
      Python: ['python3', '-'],
      JavaScript: [process.execPath, '--input-type=module', '-'],
    };
    for (const [language, [program = '', ...args]] of Object.entries(programs)) {
      await page.locator('.segments button', { hasText: language }).click();
      const input = (await page.locator('pre.code').textContent()) ?? '';
      const { stdout, stderr } = spawnSync(program, args, { cwd: images, input, encoding: 'utf8' });
      const numbers = /"data\W*?:\W*?\[([^\]]*)\]/.exec(stdout)?.[1]?.split(',').map(Number) ?? [];
      expect([language, numbers.length, numbers.indexOf(Math.max(...numbers)), stderr && '']).toEqual([
        language,
        10,
        expected,
        '',
      ]);
    }
  });

  async function best(): Promise<number> {
    const text = (await answer().locator('.bars li .name').first().textContent()) ?? '';
    return Number(/\d+/.exec(text)?.[0]);
  }
});

describe('where the server wants a key', () => {
  test.each(['/', '/monitor', '/docs'])('%s asks for it, and works once it has it', async (path) => {
    const own = await open({}, locked.url);
    await own.goto(`${locked.url}${path}`);
    const alert = own.locator('form [role=alert]');
    await alert.filter({ hasText: 'asks for its API key' }).waitFor();
    expect(await violations(own)).toEqual([]);
    await own.locator('input[type=password]').fill('wrong');
    await own.keyboard.press('Enter');
    await alert.filter({ hasText: 'is not the one' }).waitFor();
    await own.locator('input[type=password]').fill('open sesame');
    await own.keyboard.press('Enter');
    await own.locator('.signature, section.job, details').first().waitFor();
    expect(await own.locator('form').count()).toBe(0);
    await own.context().close();
  });

  test('the snippets take it from the environment, and nothing keeps it', async () => {
    const own = await open({}, locked.url);
    await own.goto(locked.url);
    await own.locator('input[type=password]').fill('open sesame');
    await own.keyboard.press('Enter');
    await own.locator('.signature').waitFor();
    await own.locator('input[type=file]').setInputFiles(join(images, 'digit-04.png'));
    await own.locator('.bars li').first().waitFor();
    expect(await own.locator('pre.code').textContent()).toContain('Bearer $CLUSTER_SERVING_API_KEY');
    expect(await own.content()).not.toContain('open sesame');
    expect(await own.evaluate('[localStorage.length, sessionStorage.length, document.cookie]')).toEqual([
      0,
      0,
      '',
    ]);
    await own.context().close();
  });

  test.each(['/try/data', '/monitor/data', '/openapi.json', '/predict', '/metrics'])(
    '%s stays closed without it',
    async (path) => {
      const method = path === '/predict' ? 'POST' : 'GET';
      expect((await ask(`${locked.url}${path}`, { method })).status).toBe(401);
    },
  );
});

test.each<readonly [string, BrowserContextOptions]>([
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['high contrast', { contrast: 'more', colorScheme: 'dark' }],
  ['forced colours', { forcedColors: 'active' }],
  ['a phone', { viewport: { width: 400, height: 800 } }],
])('every page is accessible, and as wide as the window, in %s', async (_, options) => {
  const own = await open(options);
  for (const [path, ready] of [
    ['/', '.signature'],
    ['/monitor', 'section.job'],
    ['/docs', 'details'],
  ] as const) {
    await own.goto(`${frontend.url}${path}`);
    await own.locator(ready).first().waitFor();
    if (path === '/') {
      await own.locator('input[type=file]').setInputFiles(join(images, 'digit-05.png'));
      await own.locator('.bars li').first().waitFor();
    }
    expect([path, await violations(own)]).toEqual([path, []]);
    const wide = await own.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect([path, wide]).toEqual([path, 0]);
  }
  await own.context().close();
});
