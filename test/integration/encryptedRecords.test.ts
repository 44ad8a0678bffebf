import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { knownRecordWords } from '../../schemas/encryption.ts';
import { encodeRecord } from '../../server/src/codec/encodeRecord.ts';
import { deriveKeys } from '../../server/src/encryption/deriveKeys.ts';
import { encryptImage } from '../../server/src/encryption/imageCipher.ts';
import { answerOf, outputsOf, put } from '../support/ask.ts';
import { encryptedImage, pairOf, putSecret } from '../support/encrypted.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import { post, startFrontend } from './httpSupport.ts';

const images = join(import.meta.dirname, '../fixtures/images');
const jpeg = join(images, readdirSync(images).find((name) => name.endsWith('.jpg')) as string);
const known = pairOf(knownRecordWords.secret, knownRecordWords.salt);
const pair = pairOf('records', 'sea salt');
const base64Of = (path: string) => readFileSync(path).toString('base64');

let redis: TestRedis;
let shop: Workshop;
/** What the model answers to the image in a job that takes it plain. */
let plain: unknown;

beforeAll(async () => {
  redis = await startRedis();
  shop = openWorkshop();
  await shop.must('start', '-c', config('plain', false));
  await put(redis, 'plain', 'one', arrow(base64Of(jpeg)));
  plain = await outputsOf(redis, 'plain', 'one');
});
afterAll(async () => {
  await shop.close();
  await redis.stop();
});
afterEach(() => redis.client.del('record_secured'));

function config(jobName: string, recordEncrypted: boolean): string {
  return shop.config(
    jobName,
    `modelPath: ${join(models, 'picture')}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${redis.port}\nimageResize: 32,32\nrecordEncrypted: ${recordEncrypted}\n`,
  );
}

/** The original's two forms of a record with one image. */
function arrow(base64: string): string {
  return encodeRecord(new Map([['image', { kind: 'image', base64 }]]));
}
function json(base64: string): string {
  return JSON.stringify({ instances: [{ image: base64 }] });
}

/** Why a record was given up. */
function deadReason(jobName: string, uri: string): Promise<string> {
  return eventually(`a dead letter of ${uri}`, async () => {
    for (const [, fields] of await redis.client.xrange(`${jobName}:dead`, '-', '+')) {
      const field = (name: string) => fields[fields.indexOf(name) + 1];
      if (field('uri') === uri) return field('dead-reason');
    }
    return undefined;
  });
}

describe('a job that takes its images encrypted', () => {
  test('answers as one that takes them plain, in both forms and by both lengths of keys', async () => {
    await putSecret(redis, 'record', pair);
    const output = await shop.cli('start', '-c', config('own', true));
    expect([output.code, output.stderr]).toEqual([0, '']);
    for (const bits of [256, 128] as const) {
      const image = await encryptedImage(jpeg, pair, bits);
      await put(redis, 'own', `arrow-${bits}`, arrow(image));
      await put(redis, 'own', `json-${bits}`, json(image), 'stream');
      expect(await outputsOf(redis, 'own', `arrow-${bits}`)).toEqual(plain);
      expect(await outputsOf(redis, 'own', `json-${bits}`)).toEqual(plain);
    }
    // As the original's benchmark sends it: the text of the image's base64, encrypted.
    const text = encryptImage(Buffer.from(base64Of(jpeg)), await deriveKeys(pair), 128).toString('base64');
    await put(redis, 'own', 'text', arrow(text));
    expect(await outputsOf(redis, 'own', 'text')).toEqual(plain);
  });

  test('gives up what does not decrypt, with the reason, and its neighbours are answered', async () => {
    await putSecret(redis, 'record', pair);
    await shop.must('start', '-c', config('mixed', true));
    const good = await encryptedImage(jpeg, pair);
    const bad: readonly (readonly [string, string, RegExp])[] = [
      [
        'of-others',
        await encryptedImage(jpeg, pairOf('other', 'salt')),
        /^record-undecryptable: .*does not decrypt/,
      ],
      ['plain', base64Of(jpeg), /^record-undecryptable: .*is not encrypted/],
      ['cut', good.slice(0, 400), /^record-undecryptable: .*cut off/],
      ['no-base64', '!!!', /^record-undecodable: .*base64/],
    ];
    for (const [uri, data] of bad) {
      await put(redis, 'mixed', `${uri}-before`, arrow(good));
      await put(redis, 'mixed', uri, arrow(data));
      await put(redis, 'mixed', `${uri}-after`, json(good), 'stream');
    }
    for (const [uri, , reason] of bad) {
      expect(await answerOf(redis, 'mixed', uri)).toBe('NaN');
      expect(await deadReason('mixed', uri)).toMatch(reason);
      expect(await outputsOf(redis, 'mixed', `${uri}-before`)).toEqual(plain);
      expect(await outputsOf(redis, 'mixed', `${uri}-after`)).toEqual(plain);
    }
  });

  test('takes the known words without a secret, warns of it, and takes a secret that is set later', async () => {
    const path = config('known', true);
    const { code, stderr } = await shop.cli('start', '-c', path);
    expect([code, stderr]).toEqual([0, expect.stringContaining('everyone knows')]);
    expect(await shop.must('logs', 'known', '-c', path)).toContain('everyone knows');
    await put(redis, 'known', 'one', arrow(await encryptedImage(jpeg, known)));
    expect(await outputsOf(redis, 'known', 'one')).toEqual(plain);
    await shop.cliWith({ input: 'records\nsea salt\n' }, 'secret', 'set', '--record', '-c', path);
    const image = await encryptedImage(jpeg, pair);
    // The worker looks for another secret once a second at most: a record before that is a dead letter.
    const answer = await eventually('an answer by the new secret', async () => {
      const uri = `later-${performance.now()}`;
      await put(redis, 'known', uri, arrow(image));
      const found = await outputsOf(redis, 'known', uri);
      return found === 'NaN' ? undefined : found;
    });
    expect(answer).toEqual(plain);
  });

  test('is sent them encrypted by "predict" and over HTTP, also those that a client has encrypted', async () => {
    await putSecret(redis, 'record', pair);
    const path = config('asked', true);
    await shop.must('start', '-c', path);
    const [{ outputs: expected }] = jsonLines(
      await shop.must(
        'predict',
        jpeg,
        '-c',
        shop.config('p', `modelPath: x\njobName: plain\nredisUrl: 127.0.0.1:${redis.port}\n`),
        '--json',
      ),
    ) as [{ outputs: unknown }];
    const [{ outputs }] = jsonLines(await shop.must('predict', jpeg, '-c', path, '--json')) as [
      { outputs: unknown },
    ];
    expect(outputs).toEqual(expected);

    const frontend = await startFrontend('-c', path);
    onTestFinished(async () => {
      frontend.signal('SIGTERM');
      await frontend.ended;
    });
    const both = [base64Of(jpeg), await encryptedImage(jpeg, pair)];
    const answers = [];
    for (const image of both) answers.push(await post(`${frontend.url}/predict`, { instances: [{ image }] }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]?.text).toBe(answers[1]?.text);
    const wrong = await post(`${frontend.url}/predict`, {
      instances: [{ image: await encryptedImage(jpeg, known) }],
    });
    expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('does not decrypt')]);
  });
});

function jsonLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as unknown);
}
