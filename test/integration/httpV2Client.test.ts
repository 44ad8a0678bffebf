import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../support/serving.ts';
import { post, row, serveOverHttp, tensorsOf, type Tensor, type TestService } from './httpSupport.ts';

// Triton's client as the package index has it, in the environment that scripts/machine/setup.mjs makes.
const windows = process.platform === 'win32';
const python = join(root, '.cache', 'v2-client', windows ? 'Scripts/python.exe' : 'bin/python');

let service: TestService;

beforeAll(async () => {
  service = await serveOverHttp('mlp');
});

afterAll(() => service.close());

const script = `
import json, sys
import numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException
address, rows = sys.argv[1], np.array(json.loads(sys.argv[2]), dtype=np.float32)
client = http.InferenceServerClient(address)
metadata = client.get_model_metadata("mlp")
name, output = metadata["inputs"][0]["name"], metadata["outputs"][0]["name"]

def infer(values, binary, output=output, **more):
    given = http.InferInput(name, list(values.shape), "FP32")
    given.set_data_from_numpy(values, binary_data=binary)
    wanted = http.InferRequestedOutput(output, binary_data=binary)
    return client.infer("mlp", [given], outputs=[wanted], request_id="mine", **more)

def refused(call):
    try:
        call()
    except InferenceServerException as error:
        return [error.status(), error.message()]

asJson, asBinary = infer(rows, False), infer(rows, True)
print("RESULT " + json.dumps({
    "health": [client.is_server_live(), client.is_server_ready(), client.is_model_ready("mlp")],
    "other": client.is_model_ready("nosuch"),
    "server": client.get_server_metadata(),
    "model": metadata,
    "ids": [answer.get_response()["id"] for answer in (asJson, asBinary)],
    "json": asJson.as_numpy(output).tolist(),
    "binary": asBinary.as_numpy(output).tolist(),
    "zipped": infer(rows, True, request_compression_algorithm="gzip", response_compression_algorithm="gzip")
        .as_numpy(output).tolist(),
    "wrongShape": refused(lambda: infer(rows[:, :3], True)),
    "wrongOutput": refused(lambda: infer(rows, True, output="nosuch")),
}))
client.close()
`;

test("Triton's client is served, in JSON and in binary", async () => {
  const rows = [row(1), row(2)];
  const answer = await post(`${service.frontend.url}/predict`, { instances: rows.map((t) => ({ t })) });
  const expected = tensorsOf(answer).map((tensor) => (tensor as Tensor).data.map(Math.fround));
  const { stdout, stderr } = spawnSync(
    python,
    ['-c', script, service.frontend.url.replace('http://', ''), JSON.stringify(rows)],
    { encoding: 'utf8' },
  );
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1];
  expect(line, stderr).toBeDefined();
  const told = JSON.parse(line ?? '{}') as Record<string, unknown>;
  expect(told).toMatchObject({
    health: [true, true, true],
    other: false,
    server: { extensions: expect.arrayContaining(['binary_tensor_data']) as unknown },
    model: { name: 'mlp', inputs: [{ datatype: 'FP32', shape: [-1, 64] }] },
    ids: ['mine', 'mine'],
    wrongShape: ['400', expect.any(String)],
    wrongOutput: ['400', expect.any(String)],
  });
  for (const form of ['json', 'binary', 'zipped']) {
    const read = told[form] as number[][];
    expect(
      read.map((one) => one.map(Math.fround)),
      form,
    ).toEqual(expected);
  }
});
