import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import { ask, post, row, startFrontend, startJob, tensorsOf, type TestFrontend } from './httpSupport.ts';

let redis: TestRedis;
let workshop: Workshop;
let frontend: TestFrontend;

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('models');
  const path = workshop.config(
    'mlp',
    `modelPath: ${join(models, 'mlp')}\njobName: mlp\nredisUrl: 127.0.0.1:${redis.port}\n`,
  );
  await startJob(workshop, path);
  const list = join(workshop.folder, 'servables-conf.yaml');
  writeFileSync(
    list,
    `modelMetaDataList:
  - !<ClusterServingMetaData>
    modelName: "mlp"
    modelVersion: "1.0"
    redisHost: "127.0.0.1"
    redisPort: "${redis.port}"
    redisInputQueue: "mlp"
    redisOutputQueue: "cluster-serving_mlp:"
    redisTrustStorePath: "/secret/store"
    inputCompileType: "instance"
    features: ["x"]
  - !<InferenceModelMetaData>
    modelName: own
    modelVersion: 2.0
    modelPath: ${join(models, 'twoInTwoOut')}
    modelType: onnx
    features: [a, b]
`,
  );
  process.env.CLUSTER_SERVING_STATE = workshop.state;
  frontend = await startFrontend('-c', path, `--servableManagerConfPath=${list}`);
});

afterAll(async () => {
  frontend.signal('SIGKILL');
  delete process.env.CLUSTER_SERVING_STATE;
  await workshop.close();
  await redis.stop();
});

test('models are listed as the original lists them, without what concerns trust stores', async () => {
  const answer = await ask(`${frontend.url}/models`);
  expect((answer.json as unknown as object[])[0]).toMatchObject({
    modelName: 'mlp',
    modelVersion: '1.0',
    redisPort: String(redis.port),
    redisTrustStorePath: '*******',
    features: ['x'],
  });
  expect(answer.text).not.toContain('/secret/store');
  expect((await ask(`${frontend.url}/models/mlp/versions/1.0`)).json.type).toBe('ClusterServingMetaData');
  expect((await ask(`${frontend.url}/models/mlp`)).json).toHaveLength(1);
});

test.each(['/models/nosuch', '/models/mlp/versions/9', '/v2/models/nosuch'])(
  '%s is not there',
  async (path) => {
    const answer = await ask(frontend.url + path);
    expect([answer.status, answer.json.code]).toEqual([404, 'model-unknown']);
  },
);

test('each model predicts, also the one that had no job', async () => {
  const one = await post(`${frontend.url}/models/mlp/versions/1.0/predict`, { instances: [{ x: row(1) }] });
  expect(tensorsOf(one)[0]).toMatchObject({ shape: [10] });
  const own = await post(`${frontend.url}/models/own/versions/2.0/predict`, {
    instances: [{ a: [1, 2, 3, 4], b: [1, 1, 1, 1, 1] }],
  });
  expect(tensorsOf(own)[0]).toEqual([
    { data: [15], shape: [1] },
    { data: [1, 2, 3, 4], shape: [4] },
  ]);
  expect((await ask(`${frontend.url}/v2/models/own/versions/2.0/ready`)).json.ready).toBe(true);
});
