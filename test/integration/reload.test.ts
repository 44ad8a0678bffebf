import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Heartbeat, ReloadReport } from '../../schemas/jobEvents.ts';
import { heartbeatKey, resultPrefix } from '../../schemas/redis/redisKeys.ts';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';
import { perVersion, writeVersionModel } from '../support/versionModel.ts';
import { ask, post } from './httpSupport.ts';

// A running worker takes over a change of its config or of its model. What it does under load is in reloadLoad.test.ts.

const patienceMs = 60_000;
// A test waits for several reloads, each with a deadline of its own.
vi.setConfig({ testTimeout: 4 * patienceMs });

let redis: TestRedis;
let workshop: Workshop;
let count = 0;

beforeAll(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await workshop.close();
});
afterAll(async () => {
  await redis.stop();
});

interface Job {
  readonly name: string;
  readonly path: string;
  /** Of the model. */
  readonly folder: string;
  /** Where the worker answers HTTP. */
  readonly url: string;
  readonly workerId: string;
  readonly pid: number;
  readonly logFile: string;
  /** Writes a config with these lines beside the usual ones. */
  write(more: string): void;
}

/** A job whose model is `m.onnx` in a folder, of version 1. */
async function start(more = '', files: readonly string[] = ['m.onnx']): Promise<Job> {
  const name = `job${count++}`;
  workshop = openWorkshop(name);
  const folder = join(workshop.folder, 'model');
  for (const [i, file] of files.entries()) writeVersionModel(join(folder, file), { version: i + 1 });
  const lines = `modelPath: ${folder}\njobName: ${name}\nredisUrl: 127.0.0.1:${redis.port}\nhttpPort: 0\nhttpInterface: 127.0.0.1\n`;
  const path = workshop.config(name, lines + more);
  const write = (text: string) => writeFileSync(path, lines + text);
  const started = (await workshop.must('start', '-c', path, '--json')).trim().split('\n').at(-1) ?? '';
  const { httpUrl, workers } = (
    JSON.parse(started) as {
      started: { httpUrl: string; workers: { workerId: string; pid: number; logFile: string }[] };
    }
  ).started;
  return { name, path, folder, url: httpUrl, workerId: '', pid: 0, logFile: '', ...workers[0], write };
}

async function beatOf({ workerId }: Job): Promise<Heartbeat | undefined> {
  const json = await redis.client.get(heartbeatKey(workerId));
  return json === null ? undefined : (JSON.parse(json) as Heartbeat);
}

/** What became of the last reload, once it is as it is wanted. */
function reported(job: Job, wanted: Partial<ReloadReport>): Promise<ReloadReport> {
  return eventually(
    `a reload that is ${JSON.stringify(wanted)}`,
    async () => {
      const reload = (await beatOf(job))?.reload;
      const isIt = Object.entries(wanted).every(
        ([key, value]) => reload?.[key as keyof ReloadReport] === value,
      );
      return reload && isIt ? reload : undefined;
    },
    patienceMs,
  );
}

/** The version that answers over HTTP now. */
async function versionOf({ url, name }: Job): Promise<number> {
  const inputs = [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [7] }];
  const { status, json } = await post(`${url}/v2/models/${name}/infer`, { inputs });
  expect(status).toBe(200);
  const [output] = json.outputs as [{ data: [number] }];
  return (output.data[0] - 7) / perVersion;
}

describe('a change of the model', () => {
  test('is taken over by itself, over HTTP and in the queue, and the answers are compared', async () => {
    const job = await start();
    expect(await versionOf(job)).toBe(1);
    writeVersionModel(join(job.folder, 'm.onnx'), { version: 2 });
    const { compared, difference } = await reported(job, { state: 'done', by: 'change', changed: 'model' });
    expect(compared).toBe(1);
    expect(difference).toBeCloseTo(perVersion / (perVersion + 7));
    expect(await versionOf(job)).toBe(2);
    await put(redis, job.name, 'one', record({ x: dense([1], [5]) }));
    expect(await outputsOf(redis, job.name, 'one')).toEqual([{ shape: [1], data: [2 * perVersion + 5] }]);
    expect((await beatOf(job))?.reloads).toBe(1);
    expect(await workshop.must('status', '-c', job.path)).toContain('serves the new model');
  });

  test.each([
    ['is damaged', (file: string) => writeFileSync(file, 'no model'), 'model-damaged'],
    ['has gone', (file: string) => rmSync(file), 'model-undetected'],
  ])(
    'that %s changes nothing: the reason is shown, and a sound one is taken after it',
    async (_, spoil, code) => {
      const job = await start();
      spoil(join(job.folder, 'm.onnx'));
      const { refusal } = await reported(job, { state: 'refused' });
      expect(refusal).toMatchObject({ code, key: 'modelPath' });
      expect(await versionOf(job)).toBe(1);
      expect(await workshop.must('status', '-c', job.path)).toContain(
        `not reloaded: ${refusal?.message ?? ''}`,
      );
      expect(readFileSync(job.logFile, 'utf8')).toContain(`not reloaded: ${code}: ${refusal?.message ?? ''}`);
      writeVersionModel(join(job.folder, 'm.onnx'), { version: 3 });
      await reported(job, { state: 'done', changed: 'model' });
      expect(await versionOf(job)).toBe(3);
    },
  );

  test('that does not fit the records that wait is refused, and taken once nothing waits', async () => {
    // A batch that waits keeps a record in the queue.
    const job = await start('reload: off\nbatchTimeoutMs: 2000000\n');
    await put(redis, job.name, 'early', record({ x: dense([1], [1]) }));
    await eventually('it is taken', async () => (await beatOf(job))?.inHand === 1, patienceMs);
    writeVersionModel(join(job.folder, 'm.onnx'), { version: 2, width: 2 });
    const refused = await workshop.cli('reload', '-c', job.path);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain('float32[?,1] in the old model and float32[?,2] in the new one');
    job.write('reload: off\nbatchTimeoutMs: 0\n');
    writeVersionModel(join(job.folder, 'm.onnx'), { version: 1 });
    await workshop.must('reload', '-c', job.path);
    await outputsOf(redis, job.name, 'early');
    writeVersionModel(join(job.folder, 'm.onnx'), { version: 2, width: 2 });
    await workshop.must('reload', '-c', job.path);
    await put(redis, job.name, 'late', record({ x: dense([2], [1, 2]) }));
    expect(await outputsOf(redis, job.name, 'late')).toEqual([
      { shape: [2], data: [2 * perVersion + 1, 2 * perVersion + 2] },
    ]);
  });

  test('that has no room in memory beside the old one is not loaded', async () => {
    const job = await start('reload: off\n', ['1/m.onnx']);
    writeVersionModel(join(job.folder, '2', 'm.onnx'), { version: 2 });
    const weights = join(job.folder, '2', 'm.onnx.data');
    writeFileSync(weights, '');
    // It takes no room on the disk.
    truncateSync(weights, 2 ** 41);
    const refused = await workshop.cli('reload', '-c', job.path);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('not enough memory')]);
    expect((await beatOf(job))?.reload?.refusal).toMatchObject({ code: 'memory-short', key: 'modelPath' });
    expect(await versionOf(job)).toBe(1);
    rmSync(weights);
    await workshop.must('reload', '-c', job.path);
    expect(await versionOf(job)).toBe(2);
  });

  test('whose answers differ by more than the config allows is refused, and the limit may be raised', async () => {
    const job = await start('reloadMaxDifferencePercent: 10\n');
    expect(await versionOf(job)).toBe(1);
    writeVersionModel(join(job.folder, 'm.onnx'), { version: 2 });
    const { refusal } = await reported(job, { state: 'refused' });
    expect(refusal).toMatchObject({ code: 'answers-differ', key: 'reloadMaxDifferencePercent' });
    expect(refusal?.message).toContain('99 %');
    job.write('reloadMaxDifferencePercent: 100\n');
    await reported(job, { state: 'done', changed: 'model' });
    expect(await versionOf(job)).toBe(2);
  });
});

describe('samples in the folder warmup', () => {
  test('warm a model before it is served, and one that it does not answer keeps it away', async () => {
    const job = await start();
    const sample = (name: string, x: unknown) => {
      writeVersionModel(join(job.folder, 'warmup', '.unused'), { version: 0 });
      writeFileSync(join(job.folder, 'warmup', name), JSON.stringify({ instances: [{ x }, { x }] }));
    };
    sample('good.json', [1]);
    writeVersionModel(join(job.folder, 'm.onnx'), { version: 2 });
    await reported(job, { state: 'done', changed: 'model' });
    expect(readFileSync(job.logFile, 'utf8')).toContain('warmed with 2 samples');
    sample('odd.json', [1, 2, 3]);
    const { refusal } = await reported(job, { state: 'refused' });
    expect(refusal?.message).toContain('odd.json');
    expect(await versionOf(job)).toBe(2);
  });
});

describe('a change of the config', () => {
  test('of settings counts without a load of the model', async () => {
    const job = await start('resultTtlSeconds: 0\n');
    job.write('resultTtlSeconds: 1000\npostProcessing: topN(1)\nbatchSize: 3\n');
    await reported(job, { state: 'done', changed: 'settings' });
    await put(redis, job.name, 'one', record({ x: dense([1], [5]) }));
    expect(await outputsOf(redis, job.name, 'one')).toBe(`[[0,${perVersion + 5}.0]]`);
    expect(await redis.client.ttl(`${resultPrefix(job.name)}one`)).toBeGreaterThan(900);
    expect((await beatOf(job))?.rowsPerRecord).toBe(1);
    expect(readFileSync(job.logFile, 'utf8').match(/loaded by/g)).toHaveLength(1);
  });

  test('of the folder of the model loads that one', async () => {
    const job = await start();
    const other = join(workshop.folder, 'other');
    writeVersionModel(join(other, 'm.onnx'), { version: 9 });
    writeFileSync(job.path, readFileSync(job.path, 'utf8').replace(job.folder, other));
    await reported(job, { state: 'done', changed: 'model' });
    expect(await versionOf(job)).toBe(9);
    // Now this folder is looked at.
    writeVersionModel(join(other, 'm.onnx'), { version: 10 });
    await eventually('the next one', async () => (await versionOf(job)) === 10, patienceMs);
  });

  test('that is broken changes nothing, in the words that lint has for it', async () => {
    const job = await start();
    job.write('batchSize: many\n');
    const { refusal } = await reported(job, { state: 'refused' });
    expect(refusal).toMatchObject({ code: 'wrong-type', key: 'batchSize' });
    expect((await workshop.cli('lint', job.path)).stdout).toContain(refusal?.message);
    expect(await versionOf(job)).toBe(1);
    job.write('');
    await reported(job, { state: 'done', changed: 'nothing' });
  });

  test('of what needs a restart takes over nothing, and says so', async () => {
    const job = await start();
    writeFileSync(
      job.path,
      `${readFileSync(job.path, 'utf8').replace(/^jobName:.*$/m, 'jobName: other')}postProcessing: topN(1)\n`,
    );
    const { refusal } = await reported(job, { state: 'refused' });
    expect(refusal).toMatchObject({ code: 'restart-needed', key: 'jobName' });
    expect(refusal?.message).toContain('A change of jobName needs a restart');
    expect(await versionOf(job)).toBe(1);
  });

  test('waits for the command where reload is off', async () => {
    const job = await start('reload: off\n');
    job.write('reload: off\nbatchSize: 3\n');
    writeVersionModel(join(job.folder, 'm.onnx'), { version: 2 });
    const done = JSON.parse(await workshop.must('reload', job.name, '-c', job.path, '--json')) as {
      reloaded: ReloadReport[];
    };
    expect(done.reloaded).toMatchObject([{ state: 'done', by: 'command', changed: 'model' }]);
    expect((await beatOf(job))?.reloads).toBe(1);
    expect(await versionOf(job)).toBe(2);
    const again = await workshop.must('reload', job.name, '-c', job.path);
    expect(again).toContain('nothing has changed');
  });
});

describe('SIGHUP', () => {
  test('takes over a change, and ends a worker for which nothing has changed', async () => {
    const job = await start('reload: off\n');
    writeVersionModel(join(job.folder, 'm.onnx'), { version: 2 });
    process.kill(job.pid, 'SIGHUP');
    await reported(job, { state: 'done', by: 'signal' });
    expect(await versionOf(job)).toBe(2);
    process.kill(job.pid, 'SIGHUP');
    await eventually('the end', () => Promise.resolve(!existsSync(`/proc/${job.pid}`)), patienceMs);
    expect(readFileSync(job.logFile, 'utf8')).toContain('neither the config nor the model has changed');
  });
});

describe('versions of a model', () => {
  test('the newest is served, one that comes is taken over, and a broken one leaves the last good one', async () => {
    const job = await start('', ['1/m.onnx', '2/m.onnx']);
    expect(await versionOf(job)).toBe(2);
    expect((await beatOf(job))?.version).toBe('2');
    writeVersionModel(join(job.folder, '10', 'm.onnx'), { version: 10 });
    await reported(job, { state: 'done', changed: 'model' });
    expect(await versionOf(job)).toBe(10);
    writeVersionModel(join(job.folder, '11', 'm.onnx'), { version: 11 });
    writeFileSync(join(job.folder, '11', 'm.onnx'), 'broken');
    await reported(job, { state: 'refused' });
    expect([await versionOf(job), (await beatOf(job))?.version]).toEqual([10, '10']);
  });

  test('the config may name one, and a version that is not there is refused at its key', async () => {
    const job = await start('version: 1\n', ['1/m.onnx', '2/m.onnx']);
    expect(await versionOf(job)).toBe(1);
    job.write('version: 2\n');
    await reported(job, { state: 'done', changed: 'model' });
    expect(await versionOf(job)).toBe(2);
    job.write('version: 3\n');
    const { refusal } = await reported(job, { state: 'refused' });
    expect(refusal?.message).toContain('no version 3: it holds 1, 2');
    job.write('version: latest\n');
    await reported(job, { state: 'done', changed: 'settings' });
  });

  test('rollback is one step back, through a death of the process, until something changes', async () => {
    const job = await start('', ['1/m.onnx', '2/m.onnx']);
    await workshop.must('rollback', '-c', job.path);
    expect(await versionOf(job)).toBe(1);
    const child = Number(readFileSync(`/proc/${job.pid}/task/${job.pid}/children`, 'utf8'));
    process.kill(child, 'SIGKILL');
    const again = await eventually(
      'it answers again',
      () => versionOf(job).catch(() => undefined),
      patienceMs,
    );
    expect(again).toBe(1);
    writeVersionModel(join(job.folder, '3', 'm.onnx'), { version: 3 });
    await eventually('the newest', async () => (await versionOf(job)) === 3, patienceMs);
    expect(await workshop.must('rollback', '-c', job.path)).toContain('serves the new model');
    expect(await versionOf(job)).toBe(1);
    const refused = await workshop.cli('rollback', '-c', job.path);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('no version before')]);
  });

  test('rollback is refused where the files of the old model are not there any more', async () => {
    const job = await start();
    writeVersionModel(join(job.folder, 'm.onnx'), { version: 2 });
    await reported(job, { state: 'done', changed: 'model' });
    const refused = await workshop.cli('rollback', '-c', job.path);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('not as they were')]);
    expect(await versionOf(job)).toBe(2);
  });
});

describe('the repository of the Open Inference Protocol', () => {
  const post0 = (job: Job, path: string, body: object = {}) => post(`${job.url}/v2${path}`, body);

  test('lists versions and states, and a load takes over what is in the files now', async () => {
    const job = await start('reload: off\n', ['1/m.onnx']);
    const base = `/models/${job.name}`;
    expect((await ask(`${job.url}/v2${base}`)).json.versions).toEqual(['1']);
    const row = { name: job.name, version: '1', state: 'READY', reason: '' };
    expect((await post0(job, '/repository/index')).json).toEqual([row]);
    writeVersionModel(join(job.folder, '2', 'm.onnx'), { version: 2 });
    expect(await post0(job, `/repository${base}/load`)).toMatchObject({ status: 200, json: {} });
    expect(await versionOf(job)).toBe(2);
    const inputs = [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [7] }];
    const answer = await post0(job, `${base}/versions/2/infer`, { inputs });
    expect(answer.json).toMatchObject({ model_version: '2' });
    const gone = await post0(job, `${base}/versions/1/infer`, { inputs });
    expect([gone.status, gone.json.error]).toEqual([404, expect.stringContaining('version 2')]);
    writeFileSync(join(job.folder, '2', 'm.onnx'), 'broken');
    const refused = await post0(job, `/repository${base}/load`);
    expect([refused.status, refused.json.code]).toEqual([409, 'reload-refused']);
    const [after] = (await post0(job, '/repository/index', { ready: true })).json as unknown as [typeof row];
    expect(after).toMatchObject({ version: '2', state: 'READY' });
    expect(refused.json.error).toContain(after.reason);
    expect((await post0(job, '/repository/models/other/load')).status).toBe(404);
  });

  test('is there in a frontend of its own, too, which asks the workers', async () => {
    const job = await start('reload: off\n');
    const program = join(root, 'bin', 'cluster-serving-http.cjs');
    const args = [program, '--interface=127.0.0.1', '--port=0', '-c', job.path];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const find = () => Promise.resolve(/listening on (http[^"]+)/.exec(output)?.[1]);
      const url = await eventually('the frontend', find, patienceMs);
      writeVersionModel(join(job.folder, 'm.onnx'), { version: 2 });
      const load = `${url}/v2/repository/models/${job.name}/load`;
      expect((await post(load, {})).status).toBe(200);
      expect(await versionOf(job)).toBe(2);
      writeFileSync(join(job.folder, 'm.onnx'), 'broken');
      expect((await post(load, {})).status).toBe(409);
      expect(await versionOf(job)).toBe(2);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

test('the health of the worker stays good while its model is exchanged', async () => {
  const job = await start();
  writeVersionModel(join(job.folder, 'm.onnx'), { version: 2 });
  const seen = new Set<number>();
  await eventually(
    'the new version',
    async () => {
      seen.add((await ask(`${job.url}/ready`)).status);
      return (await versionOf(job)) === 2;
    },
    patienceMs,
  );
  expect([...seen]).toEqual([200]);
});
