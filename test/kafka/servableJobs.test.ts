import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKafka, type TestKafka } from '../support/kafka.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import { startFrontend, type RunningFrontend } from './frontend.ts';
import { deadlineMs } from './queueSupport.ts';

/* HTTP frontends whose models are served by jobs on Kafka. */

let kafka: TestKafka;
let redis: TestRedis;
let shop: Workshop;
let far: string;
let near: string;

beforeAll(async () => {
  [kafka, redis] = await Promise.all([startKafka(), startRedis()]);
  shop = openWorkshop('kafka servables');
  const mlp = `modelPath: ${join(models, 'mlp')}\n`;
  far = shop.config('far', `${mlp}jobName: far\nqueueUsed: kafka\nkafkaUrl: ${kafka.url}\n`);
  near = shop.config('near', `${mlp}jobName: near\nredisUrl: 127.0.0.1:${redis.port}\n`);
  for (const config of [far, near]) await shop.must('start', '-c', config);
});
afterAll(async () => {
  await shop.close();
  await redis.stop();
  await kafka.stop();
});

const row = Array.from({ length: 64 }, (_, i) => i / 64);
const asked = { instances: [{ x: row }] };
const inferred = { inputs: [{ name: 'x', shape: [1, 64], datatype: 'FP32', data: row }] };

function servable(name: string, jobName: string, ...more: readonly string[]): string {
  const fields = [`modelName: ${name}`, 'modelVersion: "1.0"', `redisInputQueue: ${jobName}`, ...more];
  return ['  - !<ClusterServingMetaData>', ...fields.map((field) => `    ${field}`), ''].join('\n');
}

async function serve(config: string, list: string): Promise<RunningFrontend> {
  const path = join(shop.folder, 'servables-conf.yaml');
  writeFileSync(path, `modelMetaDataList:\n${list}`);
  return startFrontend(config, shop.state, `--servableManagerConfPath=${path}`);
}

describe('a frontend of a job on Redis', () => {
  let frontend: RunningFrontend;
  beforeAll(async () => {
    frontend = await serve(
      near,
      servable('close', 'near', 'redisHost: 127.0.0.1', `redisPort: "${redis.port}"`) +
        servable('away', 'far', 'queueUsed: kafka', `kafkaUrl: ${kafka.url}`) +
        servable('nothing', 'not_there', 'queueUsed: kafka', `kafkaUrl: ${kafka.url}`),
    );
  });
  afterAll(() => frontend.stop());

  test.each(['close', 'away'])('answers of its model %s, wherever its queue is', async (name) => {
    const { status, body } = await frontend.post(`/models/${name}/versions/1.0/predict`, asked);
    expect(status).toBe(200);
    expect(body).toContain('47.123');
  });

  test('answers the Open Inference Protocol of the model on Kafka', async () => {
    const about = JSON.parse((await frontend.get('/v2/models/away')).body) as { inputs: object[] };
    expect(about.inputs).toMatchObject([{ name: 'x', datatype: 'FP32' }]);
    const { status, body } = await frontend.post('/v2/models/away/infer', inferred);
    expect(status).toBe(200);
    const { outputs } = JSON.parse(body) as { outputs: { shape: number[]; data: number[] }[] };
    expect(outputs[0]?.shape).toEqual([1, 10]);
    expect(outputs[0]?.data[1]).toBeCloseTo(47.1235, 3);
  });

  test('puts the records of each model into its own store', async () => {
    const [before, entries] = [await kafka.count('far'), await entriesAdded()];
    await frontend.post('/models/away/versions/1.0/predict', asked);
    expect([await kafka.count('far'), await entriesAdded()]).toEqual([before + 1, entries]);
    await frontend.post('/models/close/versions/1.0/predict', asked);
    expect([await kafka.count('far'), await entriesAdded()]).toEqual([before + 1, entries + 1]);
  });

  async function entriesAdded(): Promise<number> {
    const info = (await redis.client.xinfo('STREAM', 'near')) as (string | number)[];
    return Number(info[info.indexOf('entries-added') + 1]);
  }

  test('keeps the answers to many at once apart', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        frontend.post(`/models/${i % 2 === 0 ? 'away' : 'close'}/versions/1.0/predict`, {
          instances: [{ x: row.map((value) => value * i) }],
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(40);
  });

  test('says of a model whose job does not run that no worker serves it', async () => {
    const { status, body } = await frontend.post('/models/nothing/versions/1.0/predict', asked);
    expect(status).toBe(503);
    expect(body).toContain('not_there');
  });
});

describe('a frontend of a job on Kafka', () => {
  let frontend: RunningFrontend;
  beforeAll(async () => {
    const own = ['modelName: own', 'modelVersion: 2.0', `modelPath: ${join(models, 'twoInTwoOut')}`];
    const unserved = ['  - !<InferenceModelMetaData>', ...own.map((line) => `    ${line}`), ''].join('\n');
    frontend = await serve(far, servable('away', 'far') + unserved);
  });
  afterAll(() => frontend.stop());

  test('finds a model there that names no store', async () => {
    const { status, body } = await frontend.post('/models/away/versions/1.0/predict', asked);
    expect(status).toBe(200);
    expect(body).toContain('47.123');
  });

  test('starts a job on Kafka for a model that no job serves', async () => {
    const instances = [{ a: [1, 2, 3, 4], b: [1, 1, 1, 1, 1] }];
    await eventually(
      'an answer of it',
      async () => {
        const { status } = await frontend.post('/models/own/versions/2.0/predict', { instances });
        return status === 200;
      },
      deadlineMs,
    );
    const jobs = await shop.jobs(far);
    const more = jobs.filter(({ jobName }) => jobName !== 'far' && jobName !== 'near');
    expect(more.map(({ redis: store }) => store)).toEqual([`kafka://${kafka.url}`]);
  });
});

test('a list whose brokers are none ends the frontend with the reason', async () => {
  const path = join(shop.folder, 'broken.yaml');
  writeFileSync(path, `modelMetaDataList:\n${servable('a', 'far', 'queueUsed: kafka', 'kafkaUrl: nowhere')}`);
  const { code, stderr } = await shop.cli(
    'http',
    '-c',
    far,
    '--port=0',
    '--interface=127.0.0.1',
    `--servableManagerConfPath=${path}`,
  );
  expect(code).not.toBe(0);
  expect(stderr).toContain('kafkaUrl');
});
