import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../support/serving.ts';
import { post, row, serveOverHttp, tensorsOf, type Tensor, type TestService } from './httpSupport.ts';

// The unmodified client from the package index, in the environment that scripts/machine/setup.mjs makes.
const python = join(root, '.cache', 'python-client', 'bin', 'python');

let service: TestService;

beforeAll(async () => {
  service = await serveOverHttp('mlp');
});

afterAll(() => service.close());

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
  const [tensor] = tensorsOf(await post(`${service.frontend.url}/predict`, body));
  const { data } = tensor as Tensor;
  const { stdout, stderr } = spawnSync(
    python,
    ['-c', script, service.frontend.url, String(service.redis.port), body],
    {
      encoding: 'utf8',
    },
  );
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1];
  expect(line, stderr).toBeDefined();
  const read = JSON.parse(line ?? '{}') as { byResponse: number[]; byText: number[]; predicted: string };
  expect(read.byResponse).toEqual(data);
  expect(read.byText).toEqual(data);
  expect(read.predicted).toContain(String(data[0]));
});
