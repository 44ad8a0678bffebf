import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';
import { post, row, startFrontend, tensorsOf, type Tensor, type TestFrontend } from './httpSupport.ts';

// The unmodified client from the package index, in the environment that scripts/setup.mjs makes.
const python = join(root, '.cache', 'python-client', 'bin', 'python');

let redis: TestRedis;
let workshop: Workshop;
let frontend: TestFrontend;

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('python');
  const path = workshop.config(
    'mlp',
    `modelPath: ${join(models, 'mlp')}\nredisUrl: 127.0.0.1:${redis.port}\n`,
  );
  await workshop.must('start', '-c', path);
  frontend = await startFrontend('-c', path);
});

afterAll(async () => {
  frontend.signal('SIGKILL');
  await workshop.close();
  await redis.stop();
});

const script = `
import json, sys, httpx
from bigdl.serving.client import InputQueue, http_json_to_ndarray, http_response_to_ndarray
url, port, body = sys.argv[1:]
response = httpx.post(url + "/predict", data=body)
queue = InputQueue(frontend_url=url, host="127.0.0.1", port=port)
print("RESULT " + json.dumps({
    "byResponse": http_response_to_ndarray(response).tolist(),
    "byText": http_json_to_ndarray(response.text).tolist(),
    "predicted": queue.predict(body),
}))
`;

test("the original's Python helpers read our answers", async () => {
  const body = JSON.stringify({ instances: [{ t: row(3) }] });
  const [tensor] = tensorsOf(await post(`${frontend.url}/predict`, body));
  const { data } = tensor as Tensor;
  const { stdout, stderr } = spawnSync(python, ['-c', script, frontend.url, String(redis.port), body], {
    encoding: 'utf8',
  });
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1];
  expect(line, stderr).toBeDefined();
  const read = JSON.parse(line ?? '{}') as { byResponse: number[]; byText: number[]; predicted: string };
  expect(read.byResponse).toEqual(data);
  expect(read.byText).toEqual(data);
  expect(read.predicted).toContain(String(data[0]));
});
