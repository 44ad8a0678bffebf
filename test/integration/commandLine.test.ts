import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cliCommands } from '../../schemas/programs/cliCommands.ts';
import { groupedCommands } from '../../schemas/programs/cliGroups.ts';
import { completionScripts } from '../../server/src/cli/shell/completionScripts.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

let shop: Workshop;
let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
  shop = openWorkshop();
});
afterEach(() => redis.client.flushall());
afterAll(async () => {
  await shop.close();
  await redis.stop();
});

const config = (jobName: string, model = 'echo', more = '') =>
  shop.config(
    jobName,
    `modelPath: ${join(models, model)}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${redis.port}\n${more}`,
  );
const instances = (name: string, text = '{"instances":[{"x":[1,2]}]}') => {
  const file = join(shop.folder, name);
  writeFileSync(file, text);
  return file;
};

describe('a command that cannot do what it is asked', () => {
  test.each([
    ['a file that is missing', 'nope', 'there is no such file'],
    ['a folder', '.', 'that is a folder'],
  ])('http with %s says so in one sentence', async (_, path, sentence) => {
    const { code, stderr } = await shop.cli('http', '-c', path);
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(sentence);
  });

  test('stop of an unknown job fails', async () => {
    const { code, stdout } = await shop.cli('stop', 'nobody', '-c', config('other'), '--json');
    expect(code).toBe(1);
    expect(stdout).toContain('"job-unknown"');
  });

  test.each([
    [['strat'], 'cluster-serving --help'],
    [['start', '--nope'], 'cluster-serving start --help'],
    [['predict'], 'cluster-serving predict --help'],
    [['queue', 'peek', '--count', '1000'], 'cluster-serving queue peek --help'],
    [['queue', 'pending', '--count', '0'], 'cluster-serving queue pending --help'],
  ])('%j ends with 2 and names its help', async (args, help) => {
    const { code, stderr } = await shop.cli(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(help);
  });
});

test('every command says its version and shows its help', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const names = [
    [],
    ...Object.keys(cliCommands).map((name) => [name]),
    ...groupedCommands.map(([group, name]) => [group, name]),
  ];
  const ends = await Promise.all(
    names.flatMap((words) => [shop.cli(...words, '--version'), shop.cli(...words, '--help')]),
  );
  ends.forEach(({ code, stdout }, i) => {
    expect(code).toBe(0);
    if (i % 2 === 0) expect(stdout.trim()).toBe(version);
    else expect(stdout).toContain('Usage:');
  });
});

test.each(['bash', 'zsh', 'fish'])('completion prints a script of many lines for %s', async (shell) => {
  const { code, stdout } = await shop.cli('completion', shell);
  expect(code).toBe(0);
  expect(stdout.split('\n').length).toBeGreaterThan(10);
  expect(stdout).toBe(`${completionScripts[shell as keyof typeof completionScripts]()}\n`);
});

describe('predict', () => {
  test('names the files that cannot be sent, and sends the others', async () => {
    const path = config('some');
    await shop.must('start', '-c', path);
    const bad = instances('bad.json', '{');
    const args = ['predict', '-c', path, 'missing.png', instances('a.json'), bad, instances('b.json')];
    const { code, stdout, stderr } = await shop.cli(...args);
    expect(code).toBe(1);
    expect(stdout).toContain('a.json: [2]');
    expect(stdout).toContain('b.json: [2]');
    expect(stderr).toContain('missing.png cannot be read: it does not exist.');
    expect(stderr).toContain(bad);
    await shop.must('stop', 'some');
  });

  test('says at once that no worker serves the job, and leaves nothing in the queue', async () => {
    const { code, stderr } = await shop.cli('predict', '-c', config('none'), instances('a.json'));
    expect(code).toBe(1);
    expect(stderr).toContain('No worker serves "none"');
    expect(await redis.client.exists('none')).toBe(0);
  });

  test('takes back what no worker has been given when the time is over', async () => {
    const path = config('slow');
    await shop.must('start', '-c', path);
    const [job] = await shop.jobs(path);
    const pid = job?.workers[0]?.registration.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    // One is handed to the blocked read of the stopped worker; the others wait.
    await redis.client.xadd('slow', '*', 'uri', 'before', 'data', 'x');
    const { code } = await shop.cli('predict', '-c', path, '--timeout', '1', instances('a.json'));
    expect(code).toBe(1);
    const uris = ((await redis.client.xrange('slow', '-', '+')) as [string, string[]][]).map(
      ([, fields]) => fields[1],
    );
    expect(uris).toEqual(['before']);
    process.kill(pid, 'SIGCONT');
    await shop.must('stop', 'slow');
  });

  test('of an image of another size says what imageResize would have to be', async () => {
    const digits = join(root, 'examples', 'digits');
    const path = shop.config(
      'sized',
      `modelPath: ${join(digits, 'model')}\njobName: sized\nredisUrl: 127.0.0.1:${redis.port}\nimageResize: 9,9\n`,
    );
    await shop.must('start', '-c', path);
    const [file = ''] = readdirSync(join(digits, 'images'));
    const { code, stdout } = await shop.cli('predict', '-c', path, join(digits, 'images', file));
    expect(code).toBe(1);
    expect(stdout).toContain('Set imageResize: 8,8');
    await shop.must('stop', 'sized');
  });
});

test('list and queue dead fit into 80 columns, and keep the ids whole', async () => {
  const name = 'a job whose name is longer than any column that a terminal would have for it';
  const path = config(name);
  await shop.must('start', '-c', path);
  const id = await redis.client.xadd(
    `${name}:dead`,
    '*',
    'uri',
    'u'.repeat(100),
    'dead-reason',
    'because',
    'dead-time',
    '1',
    'dead-deliveries',
    '1',
    'dead-id',
    '1-1',
  );
  const listed = (await shop.must('list', '-c', path)).split('\n');
  const dead = (await shop.must('queue', 'dead', '-c', path)).split('\n');
  for (const line of [...listed, ...dead]) expect(line.length).toBeLessThanOrEqual(80);
  expect(dead.join('\n')).toContain(String(id));
  expect(dead.join('\n')).toContain('  because');
  await shop.must('stop', name);
});

test('status of a job without records says so', async () => {
  const path = config('fresh');
  await shop.must('start', '-c', path);
  expect(await shop.must('status', 'fresh', '-c', path)).toContain('no record has come yet');
  await shop.must('predict', '-c', path, instances('a.json'));
  await eventually('the figures', async () =>
    (await shop.must('status', 'fresh', '-c', path)).includes('inference'),
  );
  await shop.must('stop', 'fresh');
});

test('init sets the model and the name of the job, and start takes what it has written', async () => {
  const folder = join(shop.folder, 'made');
  mkdirSync(folder);
  const args = ['init', '--model', join(models, 'echo'), '--job-name', 'it\'s: "made" #1'];
  expect((await shop.cliWith({ cwd: folder }, ...args)).stdout).toContain('Now run "cluster-serving start"');
  const file = join(folder, 'config.yaml');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('# redisUrl: localhost:6379', `redisUrl: localhost:${redis.port}`),
  );
  expect((await shop.cliWith({ cwd: folder }, 'start')).stdout).toContain('"it\'s: "made" #1" is serving');
  await shop.must('stop', '-c', file);
});
