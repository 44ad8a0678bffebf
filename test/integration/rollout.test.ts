import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Heartbeat, JobReport } from '../../schemas/jobEvents.ts';
import { deadStream, heartbeatKey, resultPrefix } from '../../schemas/redis/redisKeys.ts';
import type { RolloutReport } from '../../schemas/rollout.ts';
import { decodeResult } from '../../server/src/codec/decodeResult.ts';
import { isInShare } from '../../schemas/rolloutShare.ts';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';
import { perVersion, writeVersionModel } from '../support/versionModel.ts';
import { ask, post } from './httpSupport.ts';

// Two versions of a model on one queue, in real workers.

const patienceMs = 60_000;
// A test waits for several commands, each with a deadline of its own.
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
  /** Where the worker answers HTTP, if it does. */
  readonly url: string;
  readonly workers: readonly { readonly workerId: string; readonly pid: number }[];
  write(more: string): void;
  rollout(...args: string[]): ReturnType<Workshop['cli']>;
}

const http = 'httpPort: 0\nhttpInterface: 127.0.0.1\n';

/** A job that serves version 1 of a model which has version 2, too. */
async function start(more = '', ...args: string[]): Promise<Job> {
  const name = `rollout${count++}`;
  workshop = openWorkshop(name);
  const folder = join(workshop.folder, 'model');
  for (const version of [1, 2]) writeVersionModel(join(folder, String(version), 'm.onnx'), { version });
  const lines = `modelPath: ${folder}\njobName: ${name}\nredisUrl: 127.0.0.1:${redis.port}\n`;
  const path = workshop.config(name, `${lines}version: 1\n${more}`);
  const started = (await workshop.must('start', '-c', path, '--json', ...args)).trim().split('\n').at(-1);
  const { httpUrl = '', workers } = (JSON.parse(started ?? '') as { started: { httpUrl?: string } & Job })
    .started;
  return {
    ...{ name, path, folder, url: httpUrl, workers },
    write: (text) => writeFileSync(path, lines + text),
    rollout: (...words) => workshop.cli('rollout', '-c', path, ...words),
  };
}

async function must(job: Job, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await job.rollout(...args);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

async function beatsOf({ workers }: Job): Promise<readonly (Heartbeat | undefined)[]> {
  const texts = await redis.client.mget(workers.map(({ workerId }) => heartbeatKey(workerId)));
  return texts.map((json) => (json === null ? undefined : (JSON.parse(json) as Heartbeat)));
}

/** What the worker says of its rollout, once it is as wanted. */
function reported(job: Job, isIt: (rollout: RolloutReport) => boolean): Promise<RolloutReport> {
  return eventually(
    'a report of the rollout',
    async () => {
      const [beat] = await beatsOf(job);
      return beat?.rollout && isIt(beat.rollout) ? beat.rollout : undefined;
    },
    patienceMs,
  );
}

/** Which version has answered, by the answer to a number. */
const versionBy = (answer: number, number: number) => (answer - number) / perVersion;

async function versionOf(job: Job, uri: string): Promise<number> {
  await put(redis, job.name, uri, record({ x: dense([1], [7]) }));
  const [output] = (await outputsOf(redis, job.name, uri)) as [{ data: [number] }];
  return versionBy(output.data[0], 7);
}

interface Answered {
  readonly status: number;
  readonly version: number;
  /** As the answer says. */
  readonly named: unknown;
}

/** Asks a worker over HTTP. @param path  below the model's, such as `/versions/2` */
async function infer({ url, name }: Job, id: string | undefined, path = ''): Promise<Answered> {
  const inputs = [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [7] }];
  const { status, json } = await post(`${url}/v2/models/${name}${path}/infer`, { id, inputs });
  const [output] = (json.outputs ?? [{ data: [NaN] }]) as [{ data: [number] }];
  return { status, version: versionBy(output.data[0], 7), named: json.model_version };
}

/** Puts records in until it is stopped. */
function load(job: Job): { stop(): Promise<readonly string[]> } {
  const state = { stopped: false };
  const uris: string[] = [];
  const data = record({ x: dense([1], [7]) });
  const work = (async () => {
    while (!state.stopped) {
      const pipeline = redis.client.pipeline();
      for (let i = 0; i < 50; i++) {
        uris.push(`load-${uris.length}`);
        pipeline.xadd(job.name, '*', 'uri', uris.at(-1) ?? '', 'data', data);
      }
      await pipeline.exec();
      const waits = async () => (await redis.client.xlen(job.name)) < 2_000;
      await eventually('room in the queue', async () => ((await waits()) ? true : undefined), patienceMs);
    }
  })();
  return {
    async stop() {
      state.stopped = true;
      await work;
      return uris;
    },
  };
}

/** Which version has answered each, once all are. */
async function versionsOf(job: Job, uris: readonly string[]): Promise<readonly number[]> {
  const read = async () => {
    const pipeline = redis.client.pipeline();
    for (const uri of uris) pipeline.hget(`${resultPrefix(job.name)}${uri}`, 'value');
    const replies = (await pipeline.exec()) ?? [];
    return replies.map(([, value]) => value as string | null);
  };
  const texts = await eventually(
    'all answers',
    async () => {
      const all = await read();
      return all.every((text) => text !== null) ? all : undefined;
    },
    patienceMs,
  );
  return texts.map((text) => versionBy(Number(decodeResult(text)[0]?.data[0]), 7));
}

describe('a rollout', () => {
  test('under load loses nothing, and each answer is of one version: by the uri, then by all', async () => {
    const job = await start();
    const first = load(job);
    expect(await must(job, '--to', '2', '--share', '30%')).toContain('rolls out version 2');
    await reported(job, ({ next }) => next.answered > 100);
    const begun = await first.stop();
    const early = await versionsOf(job, begun);
    // Up to some record all are of version 1; from there on the uri decides.
    const outside = begun.map((uri, i) => [isInShare(uri, 30), early[i]] as const);
    expect(outside.every(([isIn, version]) => version === 1 || (isIn && version === 2))).toBe(true);

    const uris = Array.from({ length: 3_000 }, (_, i) => `uri-${i}`);
    const data = record({ x: dense([1], [7]) });
    const pipeline = redis.client.pipeline();
    for (const uri of uris) pipeline.xadd(job.name, '*', 'uri', uri, 'data', data);
    await pipeline.exec();
    const versions = await versionsOf(job, uris);
    expect(versions).toEqual(uris.map((uri) => (isInShare(uri, 30) ? 2 : 1)));
    const share = versions.filter((version) => version === 2).length / versions.length;
    expect(Math.abs(share - 0.3)).toBeLessThan(0.05);

    const second = load(job);
    expect(await must(job, '--promote')).toContain('answers all records');
    expect(await versionOf(job, 'after')).toBe(2);
    const late = await versionsOf(job, await second.stop());
    expect(late.every((version) => version === 1 || version === 2)).toBe(true);
    expect(await redis.client.xlen(deadStream(job.name))).toBe(0);
    const [beat] = await beatsOf(job);
    expect([beat?.version, beat?.rollout, beat?.reloads]).toEqual(['2', undefined, 1]);
  });

  test('is shown by the command, by status and by list, with the figures of both', async () => {
    const job = await start();
    expect(await must(job)).toContain('no rollout; version 1 is served');
    await must(job, '--to', '2', '--share', '50%');
    await Promise.all(Array.from({ length: 20 }, (_, i) => versionOf(job, `uri-${i}`)));
    await reported(job, ({ served, next }) => served.answered + next.answered === 20);
    expect(await must(job)).toMatch(/version 2 answers 50 % of the records, version 1 the others/);
    expect(await workshop.must('status', '-c', job.path)).toContain('rollout: version 2 answers 50 %');
    const listed = JSON.parse(await workshop.must('list', '-c', job.path, '--json')) as { jobs: JobReport[] };
    const { rollout } = listed.jobs.find(({ jobName }) => jobName === job.name)?.workers[0]?.heartbeat ?? {};
    const taken = Array.from({ length: 20 }, (_, i) => isInShare(`uri-${i}`, 50)).filter(Boolean).length;
    expect(rollout).toMatchObject({
      served: { version: '1', answered: 20 - taken, failed: 0 },
      next: { version: '2', answered: taken, failed: 0 },
    });
    expect(rollout?.next.inferenceMs.p50).toBeGreaterThan(0);
    const shown = JSON.parse(await must(job, '--json')) as { rollout: object[] };
    expect(shown.rollout).toMatchObject([{ version: '1', rollout: { version: '2', percent: 50 } }]);
  });

  test('gets a larger share without another load, and an abort gives all back', async () => {
    const job = await start();
    await must(job, '--to', '2', '--share', '1%');
    await must(job, '--to', '2', '--share', '100%');
    expect(await versionOf(job, 'a')).toBe(2);
    expect(await must(job, '--abort')).toContain('taken back');
    expect(await versionOf(job, 'b')).toBe(1);
    const log = await workshop.must('logs', job.name, '-c', job.path);
    expect(log.match(/loaded by/g)).toHaveLength(2);
    const again = await job.rollout('--abort');
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('No rollout runs')]);
    const none = await job.rollout('--promote');
    expect(none.code).toBe(1);
  });

  test('as a shadow shows clients the old answers only, and counts how both agree', async () => {
    const job = await start();
    await must(job, '--to', '2', '--share', '100%', '--shadow');
    for (const uri of ['a', 'b', 'c']) expect(await versionOf(job, uri)).toBe(1);
    const { agreement } = await reported(job, (rollout) => rollout.agreement?.compared === 3);
    expect(agreement).toMatchObject({ agreed: 0, skipped: 0 });
    expect(agreement?.difference).toBeCloseTo(perVersion / (perVersion + 7));
    expect(await must(job)).toContain('0 of 3 answers agree');
    // What was compared may become visible, and be promoted.
    await must(job, '--to', '2', '--share', '100%');
    expect(await versionOf(job, 'd')).toBe(2);
    await must(job, '--to', '2', '--share', '100%', '--shadow');
    expect(await versionOf(job, 'e')).toBe(1);
    await must(job, '--promote');
    expect(await versionOf(job, 'f')).toBe(2);
  });

  test('stands in the way of a reload, and what changed meanwhile is taken after it', async () => {
    const job = await start();
    await must(job, '--to', '2', '--share', '100%');
    const refused = await workshop.cli('reload', '-c', job.path);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('rollout --promote')]);
    job.write('version: 1\npostProcessing: topN(1)\n');
    const { refusal } = await eventually(
      'the refusal of the change',
      async () => {
        const report = (await beatsOf(job))[0]?.reload;
        return report?.by === 'change' && report.state === 'refused' ? report : undefined;
      },
      patienceMs,
    );
    expect(refusal?.code).toBe('rollout-running');
    expect(await versionOf(job, 'a')).toBe(2);
    await must(job, '--abort');
    const isTaken = async () => {
      const uri = `later-${count++}`;
      await put(redis, job.name, uri, record({ x: dense([1], [7]) }));
      return (await outputsOf(redis, job.name, uri)) === `[[0,${perVersion + 7}.0]]` || undefined;
    };
    await eventually('the change', isTaken, patienceMs);
  });

  test.each([
    ['that is there', ['--to', '3'], 'no version 3: it holds 1, 2', undefined],
    ['but the one that is served', ['--to', '1'], 'served already', undefined],
    ['whose file is sound', ['--to', '2'], 'm.onnx', (file: string) => writeFileSync(file, 'broken')],
    [
      'that takes what the served one takes',
      ['--to', '2'],
      'take and answer the same',
      (file: string) => writeVersionModel(file, { version: 2, width: 2 }),
    ],
  ])('needs a version %s: else the old one goes on', async (_, args, says, spoil) => {
    const job = await start('reload: off\n');
    spoil?.(join(job.folder, '2', 'm.onnx'));
    const refused = await job.rollout(...args, '--share', '100%');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(says)]);
    expect(await versionOf(job, 'a')).toBe(1);
    expect((await beatsOf(job))[0]?.rollout).toBeUndefined();
    expect(await must(job)).toContain('The last one was refused');
  });

  test('is followed by each worker of the job', async () => {
    const job = await start('', '--workers', '2');
    await must(job, '--to', '2', '--share', '40%');
    const uris = Array.from({ length: 1_000 }, (_, i) => `uri-${i}`);
    const data = record({ x: dense([1], [7]) });
    const pipeline = redis.client.pipeline();
    for (const uri of uris) pipeline.xadd(job.name, '*', 'uri', uri, 'data', data);
    await pipeline.exec();
    expect(await versionsOf(job, uris)).toEqual(uris.map((uri) => (isInShare(uri, 40) ? 2 : 1)));
    expect((await beatsOf(job)).map((beat) => beat?.rollout?.percent)).toEqual([40, 40]);
    await must(job, '--promote');
    expect((await beatsOf(job)).map((beat) => beat?.version)).toEqual(['2', '2']);
  });
});

describe('over HTTP', () => {
  test('each answer names the version that has given it, and a path may name one', async () => {
    const job = await start(http);
    await must(job, '--to', '2', '--share', '50%');
    for (let i = 0; i < 40; i++) {
      const { version, named } = await infer(job, `id-${i}`);
      expect([version, named]).toEqual(isInShare(`id-${i}`, 50) ? [2, '2'] : [1, '1']);
    }
    for (const version of [1, 2])
      expect(await infer(job, 'id', `/versions/${version}`)).toEqual({
        status: 200,
        version,
        named: String(version),
      });
    expect((await infer(job, 'id', '/versions/3')).status).toBe(404);
    expect((await ask(`${job.url}/v2/models/${job.name}`)).json.versions).toEqual(['1', '2']);
    await must(job, '--abort');
    expect((await infer(job, 'id', '/versions/2')).status).toBe(404);
  });

  test('the version of a shadow cannot be asked', async () => {
    const job = await start(http);
    await must(job, '--to', '2', '--share', '100%', '--shadow');
    expect(await infer(job, 'id')).toMatchObject({ version: 1, named: '1' });
    expect((await infer(job, 'id', '/versions/2')).status).toBe(404);
    await reported(job, (rollout) => rollout.agreement?.compared === 1);
  });

  test('a worker that is killed comes back with the share, and with what was promoted', async () => {
    const job = await start(http);
    await must(job, '--to', '2', '--share', '50%');
    await killProcess(job);
    for (let i = 0; i < 20; i++)
      expect(await versionOf(job, `again-${i}`)).toBe(isInShare(`again-${i}`, 50) ? 2 : 1);
    await must(job, '--promote');
    await killProcess(job);
    expect(await versionOf(job, 'promoted')).toBe(2);
    expect((await beatsOf(job))[0]?.rollout).toBeUndefined();
  });

  test('a worker that cannot load the version again serves the old one, and says so', async () => {
    const job = await start(`${http}reload: off\n`);
    await must(job, '--to', '2', '--share', '100%');
    rmSync(join(job.folder, '2', 'm.onnx'));
    await killProcess(job);
    expect(await versionOf(job, 'a')).toBe(1);
    expect(await must(job)).toContain('The last one was refused');
    // The note goes, too.
    await job.rollout('--abort');
    expect(readdirSync(join(workshop.state, 'rollouts'))).toEqual([]);
  });
});

describe('behind a frontend of its own', () => {
  test('each answer names the version that has given it, and a path may name one', async () => {
    const job = await start('', '--workers', '2');
    await must(job, '--to', '2', '--share', '50%');
    const program = join(root, 'bin', 'cluster-serving-http.cjs');
    const args = [program, '--interface=127.0.0.1', '--port=0', '-c', job.path];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const find = () => Promise.resolve(/listening on (http[^"]+)/.exec(output)?.[1]);
      const url = await eventually('the frontend', find, patienceMs);
      const behind = { ...job, url };
      const versions = async () => (await ask(`${url}/v2/models/${job.name}`)).json.versions;
      const areBoth = async () => String(await versions()) === '1,2' || undefined;
      await eventually('both versions', areBoth, patienceMs);
      // Together, so that those of one version may share records.
      const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => infer(behind, `id-${i}`)));
      for (const [i, { version, named }] of answers.entries())
        expect([version, named]).toEqual(isInShare(`id-${i}`, 50) ? [2, '2'] : [1, '1']);
      for (const version of [1, 2])
        expect(await infer(behind, 'id', `/versions/${version}`)).toMatchObject({
          version,
          named: `${version}`,
        });
    } finally {
      child.kill('SIGKILL');
    }
  });
});

/** Kills the process of the worker; its supervisor starts another. */
async function killProcess(job: Job): Promise<void> {
  const pid = job.workers[0]?.pid ?? 0;
  const child = () => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  const old = child();
  process.kill(old, 'SIGKILL');
  const answers = async () =>
    (child() !== old && (await ask(`${job.url}/ready`)).status === 200) || undefined;
  await eventually('the next process', () => answers().catch(() => undefined), patienceMs);
}
