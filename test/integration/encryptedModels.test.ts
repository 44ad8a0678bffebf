import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { secretPollMs, secretVariables } from '../../schemas/encryption.ts';
import type { JobReport } from '../../schemas/jobEvents.ts';
import type { RuntimeName } from '../../schemas/runtimes.ts';
import { deriveKeys } from '../../server/src/encryption/deriveKeys.ts';
import { decryptModel, readEncrypted } from '../../server/src/model/decryptModel.ts';
import { loadModel } from '../../server/src/model/loadModel.ts';
import type { ModelTensor } from '../../server/src/model/model.ts';
import { detectModel } from '../../server/src/model/recognise/detectModel.ts';
import { sampleFeeds } from '../../server/src/model/samples.ts';
import type { ModelSource } from '../../server/src/model/session.ts';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { encryptFolder, pairOf, putSecret } from '../support/encrypted.ts';
import { openvinoLibrary } from '../support/openvino.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';
import { post, row, startFrontend } from './httpSupport.ts';

const secret = 'open sesame';
const salt = 'of the sea';
const pair = pairOf(secret, salt);
const runtimes = join(root, 'test/fixtures/runtimes');

let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => {
  shop = openWorkshop();
});
afterEach(async () => {
  await shop.close();
  await redis.client.flushall();
});

function config(jobName: string, modelPath: string, more = ''): string {
  return shop.config(
    jobName,
    `modelPath: ${modelPath}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${redis.port}\nmodelEncrypted: true\n${more}`,
  );
}

/** A start that goes on beside the test. */
function start(path: string, ...more: string[]) {
  const child = spawn(
    process.execPath,
    [join(root, 'bin', 'cluster-serving.cjs'), 'start', '-c', path, '--json', ...more],
    { env: { ...process.env, CLUSTER_SERVING_STATE: shop.state }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  const lines = () => output.split('\n').filter((line) => line.startsWith('{'));
  return {
    child,
    ended,
    output: () => output,
    /** Waits until it says that it needs the secret for this reason. */
    needs: (code: string) =>
      eventually(`a start that needs a secret: ${code}`, () =>
        Promise.resolve(
          lines().some((line) => line.includes('"step":"secret"') && line.includes(code)) || undefined,
        ),
      ),
  };
}

async function jobOf(path: string, jobName: string): Promise<JobReport | undefined> {
  return (await shop.jobs(path)).find((job) => job.jobName === jobName);
}

const setSecret = (path: string, ...words: readonly [string, string]) =>
  shop.cliWith({ input: `${words[0]}\n${words[1]}\n` }, 'secret', 'set', '-c', path);

async function answer(jobName: string): Promise<unknown> {
  await put(redis, jobName, 'one', record({ x: dense([64], row(1)) }));
  return outputsOf(redis, jobName, 'one');
}

async function plainAnswer(): Promise<unknown> {
  const path = shop.config(
    'plain',
    `modelPath: ${join(models, 'mlp')}\njobName: plain\nredisUrl: 127.0.0.1:${redis.port}\n`,
  );
  await shop.must('start', '-c', path);
  return answer('plain');
}

/** Every file below a folder. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

describe('a model that is encrypted', () => {
  test('waits for POST /model-secure, which everything shows, and answers as the plain one does', async () => {
    const folder = await encryptFolder(join(models, 'mlp'), join(shop.folder, 'model'), pair);
    const path = config('locked', folder);
    const frontend = await startFrontend('-c', path);
    onTestFinished(async () => {
      frontend.signal('SIGTERM');
      await frontend.ended;
    });
    const started = start(path);
    await started.needs('model-secret-missing');

    expect(await jobOf(path, 'locked')).toMatchObject({
      state: 'waiting-for-secret',
      needs: { code: 'model-secret-missing', message: expect.stringContaining('secret set') as string },
    });
    expect(await shop.must('list', '-c', path)).toContain('waiting-for-secret');
    expect(await shop.must('status', 'locked', '-c', path)).toContain('POST /model-secure');
    const ready = await eventually('a frontend that sees the job wait', async () => {
      const response = await fetch(`${frontend.url}/ready`);
      const body = (await response.json()) as { error?: string };
      return body.error?.includes('secret') ? { status: response.status, body } : undefined;
    });
    expect(ready).toMatchObject({ status: 503, body: { ready: false } });
    const v2 = await fetch(`${frontend.url}/v2/health/ready`);
    expect([v2.status, await v2.text()]).toEqual([503, expect.stringContaining('secret')]);
    const refused = await post(`${frontend.url}/predict`, { instances: [{ x: row(1) }] });
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('secret set')]);
    const asked = await shop.cliWith(
      { input: '{"instances":[{"x":[1]}]}' },
      'predict',
      '-',
      '-c',
      path,
      '--json',
    );
    expect([asked.code, asked.stdout]).toEqual([1, expect.stringContaining('model-secret-missing')]);

    expect((await post(`${frontend.url}/model-secure`, `secret=${secret}&salt=${salt}`)).status).toBe(200);
    const { code, output } = await started.ended;
    expect([code, output]).toEqual([0, expect.stringContaining('"started"')]);
    expect((await jobOf(path, 'locked'))?.state).toBe('running');
    expect(await answer('locked')).toEqual(await plainAnswer());
  });

  test('of OpenVINO waits for "secret set", says that one was wrong, and takes the right one after it', async () => {
    const folder = await encryptFolder(join(runtimes, 'ir'), join(shop.folder, 'ir'), pair, 128);
    const path = config('ir', folder, `openvinoPath: ${dirname(openvinoLibrary())}\n`);
    const started = start(path);
    await started.needs('model-secret-missing');
    expect(await setSecret(path, 'open barley', salt)).toMatchObject({ code: 0 });
    await started.needs('model-secret-wrong');
    expect(await jobOf(path, 'ir')).toMatchObject({
      state: 'waiting-for-secret',
      needs: { code: 'model-secret-wrong', message: expect.stringContaining('.xml') as string },
    });
    expect(await setSecret(path, secret, salt)).toMatchObject({ code: 0 });
    expect(await started.ended).toMatchObject({ code: 0 });
    expect(await jobOf(path, 'ir')).toMatchObject({ state: 'running' });
    expect(JSON.stringify(await jobOf(path, 'ir'))).not.toContain('needs');
  });

  test('starts at once where the secret is there', async () => {
    await putSecret(redis, 'model', pair);
    const folder = await encryptFolder(join(models, 'mlp'), join(shop.folder, 'model'), pair);
    const path = config('known', folder);
    const output = await shop.must('start', '-c', path, '--json');
    expect(output).not.toContain('"step":"secret"');
    expect(await answer('known')).toEqual(await plainAnswer());
  });

  test('leaves neither its secret nor its content anywhere but in Redis and in memory', async () => {
    await putSecret(redis, 'model', pair);
    const folder = await encryptFolder(join(models, 'mlp'), join(shop.folder, 'model'), pair);
    const path = config('quiet', folder);
    const output = await shop.must('start', '-c', path, '--json');
    await answer('quiet');
    const job = await jobOf(path, 'quiet');
    const { pid } = (job as JobReport).workers[0]?.registration ?? {};
    const plain = readFileSync(join(models, 'mlp', 'mlp.onnx')).subarray(0, 200);
    for (const file of filesBelow(shop.folder)) {
      const bytes = readFileSync(file);
      expect([file, bytes.includes(secret), bytes.includes(plain)]).toEqual([file, false, false]);
    }
    const process = ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8'));
    expect([output, JSON.stringify(job), ...process].join('\n')).not.toContain(secret);
  });

  test('is looked for at least once a second', () => {
    expect(secretPollMs).toBeLessThan(1_000);
  });
});

describe('a start that would have to wait', () => {
  test.each([
    ['model-secret-missing', undefined],
    ['model-secret-wrong', pairOf('other', salt)],
  ])('ends with the code %s where it is not to wait, and leaves nothing', async (code, given) => {
    if (given) await putSecret(redis, 'model', given);
    const folder = await encryptFolder(join(models, 'mlp'), join(shop.folder, 'model'), pair);
    const path = config('hasty', folder);
    const { code: exit, stdout } = await shop.cli('start', '-c', path, '--json', '--no-wait');
    expect([exit, stdout]).toEqual([1, expect.stringContaining(`"code":"${code}"`)]);
    expect(await redis.client.keys('cluster-serving:*')).toEqual([]);
    expect(await shop.jobs(path)).toEqual([]);
  });

  test('is ended by a stop, and says so', async () => {
    const folder = await encryptFolder(join(models, 'mlp'), join(shop.folder, 'model'), pair);
    const path = config('stopped', folder);
    const started = start(path);
    await started.needs('model-secret-missing');
    expect(await shop.must('stop', '-c', path)).toContain('stopped');
    expect(await started.ended).toMatchObject({
      code: 1,
      output: expect.stringContaining('was stopped') as string,
    });
    expect(await shop.jobs(path)).toEqual([]);
  });

  test('is ended by Ctrl-C, and leaves nothing', async () => {
    const folder = await encryptFolder(join(models, 'mlp'), join(shop.folder, 'model'), pair);
    const path = config('cancelled', folder);
    const { code } = await shop.cancelAt('secret', 'start', '-c', path, '--json');
    expect(code).toBe(1);
    expect(await redis.client.keys('cluster-serving:*')).toEqual([]);
  });

  test('is refused before anything is started where the model is not encrypted', async () => {
    const path = config('plainly', join(models, 'mlp'));
    const { code, stdout } = await shop.cli('start', '-c', path, '--json');
    expect([code, stdout]).toEqual([1, expect.stringContaining('is not encrypted')]);
    expect(await redis.client.keys('*')).toEqual([]);
  });

  test('does not wait for a model of a type that is never decrypted, and says so', async () => {
    const path = config('plain', join(runtimes, 'tflite'), `openvinoPath: ${dirname(openvinoLibrary())}\n`);
    const { code, stderr } = await shop.cli('start', '-c', path, '--no-wait');
    expect([code, stderr]).toEqual([0, expect.stringContaining('does not decrypt')]);
  });
});

function sourceOf(folder: string): ModelSource {
  const found = detectModel(readdirSync(folder));
  if ('code' in found) throw new Error(found.message);
  const { type, file, weights } = found;
  return { type, file: join(folder, file), ...(weights ? { weights: join(folder, weights) } : {}) };
}

async function outputs(
  source: ModelSource,
  runtime: RuntimeName,
  quickMs: number,
): Promise<readonly ModelTensor[]> {
  const model = await loadModel({
    source,
    runtime,
    place: runtime === 'openvino' ? openvinoLibrary() : '',
    copies: 1,
    threads: 1,
    batchSize: 4,
    workerFile: join(root, 'dist/modelWorker.mjs'),
    onDeath: (error) => {
      throw error;
    },
    quick: { quickMs, slowMs: quickMs },
  });
  onTestFinished(() => model.close());
  const answers = await model.run(sampleFeeds(model.inputs, 1));
  return [...answers, { name: 'sharing', data: JSON.stringify(model.sharing) } as never];
}

describe('a decrypted model', () => {
  test.each<[string, RuntimeName, string]>([
    ['onnxruntime', 'onnxruntime', join(models, 'mlp')],
    ['onnxruntime, with the names of its classes within', 'onnxruntime', join(models, 'classifierOfNames')],
    ['openvino from ONNX', 'openvino', join(models, 'mlp')],
    ['openvino', 'openvino', join(runtimes, 'ir')],
    ['openvino in halves', 'openvino', join(runtimes, 'irHalf')],
  ])('answers to the bit as the plain one by %s, on a thread and without one', async (_, runtime, plain) => {
    const folder = await encryptFolder(plain, join(shop.folder, 'model'), pair);
    const encrypted = sourceOf(folder);
    const source = await decryptModel(encrypted, await readEncrypted(encrypted), await deriveKeys(pair));
    for (const quickMs of [0, Infinity])
      expect(await outputs(source, runtime, quickMs)).toEqual(
        await outputs(sourceOf(plain), runtime, quickMs),
      );
  });
});

describe('encrypt-model', () => {
  const env = { [secretVariables.model.secret]: secret, [secretVariables.model.salt]: salt };
  const encrypt = (...args: string[]) => shop.cliWith({ env }, 'encrypt-model', ...args);

  test('writes a folder beside the model that is served, and overwrites nothing unasked', async () => {
    const folder = await encryptFolder(join(models, 'mlp'), join(shop.folder, 'other'), pairOf('a', 'b'));
    const out = join(shop.folder, 'out');
    const { code, stdout } = await encrypt(join(models, 'mlp'), '--out', out);
    expect([code, stdout]).toEqual([0, expect.stringContaining(join(out, 'mlp.onnx'))]);
    expect(readdirSync(out)).toEqual(['mlp.onnx']);
    const before = readFileSync(join(out, 'mlp.onnx'));
    const again = await encrypt(join(models, 'mlp'), '--out', out);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('--force')]);
    expect(readFileSync(join(out, 'mlp.onnx')).equals(before)).toBe(true);
    expect((await encrypt(join(models, 'mlp'), '--out', out, '--force')).code).toBe(0);
    expect(readFileSync(join(out, 'mlp.onnx')).equals(before)).toBe(false);
    expect((await encrypt(join(models, 'echo'), '--out', folder)).stderr).toContain('another model');

    await putSecret(redis, 'model', pair);
    await shop.must('start', '-c', config('out', out));
    expect(await answer('out')).toEqual(await plainAnswer());
  });

  test.each([
    ['what is encrypted already', 'encrypted', /looks encrypted/],
    ['a model that keeps weights elsewhere', join(models, 'outside'), /other files/],
    ['a type that is never decrypted', join(runtimes, 'tflite'), /TensorFlow Lite/],
    ['what is no model', models, /no model/],
  ])('refuses %s', async (_, given, says) => {
    const folder =
      given === 'encrypted'
        ? await encryptFolder(join(models, 'mlp'), join(shop.folder, 'enc'), pair)
        : given;
    const out = join(shop.folder, 'out');
    const { code, stderr } = await encrypt(folder, '--out', out);
    expect([code, stderr]).toEqual([1, expect.stringMatching(says)]);
    expect(readdirSync(shop.folder)).not.toContain('out');
  });

  test('takes the secret from the standard input, and never from its arguments', async () => {
    const out = join(shop.folder, 'out');
    const args = ['encrypt-model', join(models, 'mlp'), '--out', out];
    for (const input of ['', 'one line\n', 'a\nb\nc\n', '\nb\n'])
      expect((await shop.cliWith({ input }, ...args)).code).toBe(2);
    expect((await shop.cliWith({ env: { [secretVariables.model.secret]: 'a' } }, ...args)).code).toBe(2);
    expect((await shop.cliWith({ input: `${secret}\r\n${salt}\r\n` }, ...args)).code).toBe(0);
    const encrypted = sourceOf(out);
    expect(
      (await decryptModel(encrypted, await readEncrypted(encrypted), await deriveKeys(pair))).content,
    ).toBeDefined();
  });
});
