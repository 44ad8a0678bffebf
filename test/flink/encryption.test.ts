import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { encryptFolder, encryptedImage, pairOf, putSecret } from '../support/encrypted.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, root, type Workshop } from '../support/serving.ts';
import { encodeRecord } from '../../server/src/codec/encodeRecord.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { openFlinkWorkshop } from './workshop.ts';

const secret = 'open sesame on Flink';
const pair = pairOf(secret, 'salt');
const images = join(root, 'test/fixtures/images');

let cluster: Cluster;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startCluster(1), startRedis()]);
  shop = openFlinkWorkshop('encryption');
});
afterAll(async () => {
  await shop.close();
  await cluster.stop();
  await redis.stop();
});

function config(jobName: string, lines: string): string {
  return shop.config(
    jobName,
    `${lines}\njobName: ${jobName}\nbackend: flink\nflinkRestUrl: ${cluster.url}\nredisUrl: 127.0.0.1:${redis.port}\n`,
  );
}

const timeout = 300_000;

test('an encrypted model waits for its secret on Flink, too, which no process shows', { timeout }, async () => {
  const folder = await encryptFolder(join(models, 'mlp'), join(shop.folder, 'model'), pair);
  const path = config('locked', `modelPath: ${folder}\nmodelEncrypted: true`);
  const hasty = await shop.cli('start', '-c', path, '--json', '--no-wait');
  expect([hasty.code, hasty.stdout]).toEqual([1, expect.stringContaining('"code":"model-secret-missing"')]);
  const child = spawn(process.execPath, [join(root, 'bin', 'cluster-serving.cjs'), 'start', '-c', path, '--json'], {
    env: { ...process.env, CLUSTER_SERVING_STATE: shop.state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close');
  await eventually('a start that needs the secret', () =>
    Promise.resolve(output.includes('model-secret-missing') || undefined),
  );
  expect(await shop.jobs(path)).toMatchObject([{ jobName: 'locked', state: 'waiting-for-secret' }]);
  await putSecret(redis, 'model', pairOf('wrong', 'salt'));
  await eventually('a start that says the secret is wrong', () =>
    Promise.resolve(output.includes('model-secret-wrong') || undefined),
  );
  await putSecret(redis, 'model', pair);
  expect(await ended).toEqual([0, null]);
  await put(redis, 'locked', 'one', record({ x: dense([64], Array(64).fill(1)) }));
  expect(await outputsOf(redis, 'locked', 'one')).toHaveLength(1);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    expect([pid, commandOf(pid).includes(secret)]).toEqual([pid, false]);
  expect(await shop.must('logs', 'locked', '-c', path)).not.toContain(secret);
  await shop.must('stop', '-c', path);
});

/** Its arguments and its environment, where they may be read. */
function commandOf(pid: string): string {
  return ['cmdline', 'environ']
    .map((name) => {
      try {
        return readFileSync(`/proc/${pid}/${name}`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');
}

test('encrypted images are answered on Flink as plain ones are', { timeout }, async () => {
  const jpeg = join(images, readdirSync(images).find((name) => name.endsWith('.jpg')) as string);
  const lines = `modelPath: ${join(models, 'picture')}\nimageResize: 32,32`;
  const image = (base64: string) => encodeRecord(new Map([['image', { kind: 'image', base64 }]]));
  const plain = config('plain', lines);
  await shop.must('start', '-c', plain);
  await put(redis, 'plain', 'one', image(readFileSync(jpeg).toString('base64')));
  const answer = await outputsOf(redis, 'plain', 'one');
  await shop.must('stop', '-c', plain);
  await putSecret(redis, 'record', pair);
  const encrypted = config('encrypted', `${lines}\nrecordEncrypted: true`);
  await shop.must('start', '-c', encrypted);
  await put(redis, 'encrypted', 'one', image(await encryptedImage(jpeg, pair)));
  await put(redis, 'encrypted', 'bad', image(await encryptedImage(jpeg, pairOf('other', 'salt'))));
  expect(await outputsOf(redis, 'encrypted', 'one')).toEqual(answer);
  expect(await outputsOf(redis, 'encrypted', 'bad')).toBe('NaN');
  await shop.must('stop', '-c', encrypted);
});
