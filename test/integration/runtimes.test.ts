import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { post, startFrontend, tensorsOf } from './httpSupport.ts';
import { openvinoLibrary } from '../support/openvino.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';

// Models that OpenVINO runs, from the command line to the answer.

const fixtures = join(root, 'test/fixtures/runtimes');
let shop: Workshop;
let redis: TestRedis;
/** As a user has it who has installed OpenVINO elsewhere. */
let withOpenvino: { readonly env: Readonly<Record<string, string>> };
/** Neither a folder of the user's nor a package of Python. */
const without = { env: { OPENVINO_LIB_PATHS: '', PATH: join(process.execPath, '..') } };

beforeAll(async () => {
  shop = openWorkshop();
  redis = await startRedis();
  withOpenvino = { env: { OPENVINO_LIB_PATHS: join(openvinoLibrary(), '..') } };
});

afterAll(async () => {
  await shop.close();
  await redis.stop();
});

function config(name: string, model = name, more = ''): string {
  const path = join(fixtures, model);
  return shop.config(
    name,
    `modelPath: ${path}\njobName: ${name}\nredisUrl: localhost:${redis.port}\n${more}`,
  );
}

interface Plain {
  readonly shape: number[];
  readonly data: number[];
}

interface Answers {
  readonly inputs: Readonly<Record<string, Plain>>;
  readonly outputs: Readonly<Record<string, Plain>>;
}

function answersOf(name: string): Answers {
  return JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')) as Answers;
}

function nested(shape: readonly number[], data: readonly number[]): unknown {
  const [first = 1, ...rest] = shape;
  if (rest.length === 0) return data;
  const size = data.length / first;
  return Array.from({ length: first }, (_, i) => nested(rest, data.slice(i * size, (i + 1) * size)));
}

test.each([
  ['ir', 0, {}],
  ['savedModelTwo', 1, {}],
  // Under the names that stand in the file.
  ['frozenTwo', 1, { values: 'values:0', ids: 'ids:0' }],
] as const)(
  'the model "%s" is started, asked and answers as its framework does',
  async (name, output, names) => {
    const path = config(name);
    const started = await shop.cliWith(withOpenvino, 'start', '-c', path, '--json');
    expect(started.stderr).toBe('');
    expect(started.code).toBe(0);
    const { inputs, outputs } = answersOf(name);
    const instance = Object.fromEntries(
      Object.entries(inputs).map(([key, { shape, data }]) => [
        (names as Readonly<Record<string, string>>)[key] ?? key,
        nested(shape, data),
      ]),
    );
    const asked = await shop.cliWith(
      { input: JSON.stringify({ instances: [instance] }) },
      'predict',
      '-c',
      path,
      '--json',
      '-',
    );
    expect(asked.code).toBe(0);
    const [line] = asked.stdout.trim().split('\n');
    const answer = JSON.parse(line ?? '') as {
      outputs: { shape: number[]; data: number[] }[];
    };
    const found = answer.outputs[output];
    const wanted = Object.values(outputs)[output];
    expect(found?.shape).toEqual(wanted?.shape);
    found?.data.forEach((value, i) => expect(value).toBeCloseTo(wanted?.data[i] ?? NaN, 5));
  },
);

test('over HTTP both names of an input and of an output are taken', async () => {
  const path = config('overHttp', 'frozenTwo');
  expect((await shop.cliWith(withOpenvino, 'start', '-c', path)).code).toBe(0);
  const frontend = await startFrontend('-c', path);
  onTestFinished(async () => {
    frontend.signal('SIGTERM');
    await frontend.ended;
  });
  const { inputs, outputs } = answersOf('frozenTwo');
  const [values, ids] = [inputs.values, inputs.ids] as [Plain, Plain];
  const wanted = outputs.Identity_1?.data ?? [];
  for (const suffix of ['', ':0']) {
    const answer = await post(`${frontend.url}/v2/models/overHttp/infer`, {
      inputs: [
        { name: `values${suffix}`, datatype: 'FP32', ...values },
        { name: `ids${suffix}`, datatype: 'INT32', ...ids },
      ],
      outputs: [{ name: `Identity_1${suffix}` }],
    });
    expect(answer.status).toBe(200);
    const [output] = answer.json.outputs as (Plain & { readonly name: string })[];
    output?.data.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 5));
    const instances = [{ [`values${suffix}`]: values.data.slice(0, 3), [`ids${suffix}`]: ids.data[0] }];
    const [predicted] = tensorsOf(await post(`${frontend.url}/predict`, { instances }));
    const [, total] = predicted as readonly Plain[];
    expect(total?.data[0]).toBeCloseTo(wanted[0] ?? NaN, 5);
  }
});

test("the original's Python client asks a SavedModel", async () => {
  const path = config('byPython', 'savedModelTwo');
  expect((await shop.cliWith(withOpenvino, 'start', '-c', path)).code).toBe(0);
  const { inputs, outputs } = answersOf('savedModelTwo');
  const script = `
import json, sys
import numpy as np
from bigdl.serving.client import InputQueue, OutputQueue
port, values, ids = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
into = InputQueue(host="127.0.0.1", port=port, name="byPython")
out = OutputQueue(host="127.0.0.1", port=port, name="byPython")
into.enqueue("one", values=np.array(values, dtype=np.float32), ids=np.array(ids, dtype=np.int32))
answer = None
while answer is None or answer == "[]":
    answer = out.query("one")
print("RESULT " + json.dumps([each.tolist() for each in answer]))
`;
  const { stdout, stderr } = spawnSync(
    join(root, '.cache', 'python-client', 'bin', 'python'),
    [
      '-c',
      script,
      String(redis.port),
      JSON.stringify(inputs.values?.data.slice(0, 3)),
      JSON.stringify(inputs.ids?.data.slice(0, 1)),
    ],
    { encoding: 'utf8', timeout: 60_000 },
  );
  const line = stdout.split('\n').find((each) => each.startsWith('RESULT '));
  expect(line, stderr).toBeDefined();
  const [, total] = JSON.parse((line ?? '').slice('RESULT '.length)) as [unknown, number[]];
  expect([total].flat()[0]).toBeCloseTo(outputs.total?.data[0] ?? NaN, 5);
});

test('an image for a model of TensorFlow is height × width × colours', async () => {
  const path = config('images', 'savedModel', 'imageResize: 8,8\n');
  expect((await shop.cliWith(withOpenvino, 'start', '-c', path)).code).toBe(0);
  const image = join(root, 'examples/digits/images/digit-00.png');
  const { code, stdout } = await shop.cli('predict', '-c', path, '--json', image);
  expect(code).toBe(0);
  expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({
    outputs: [{ shape: [1, 5] }],
  });
});

test('runtime: openvino runs an ONNX model, and the log says so', async () => {
  const text = `modelPath: ${join(root, 'test/fixtures/models/mlp')}\njobName: second\nredisUrl: localhost:${redis.port}\nruntime: openvino\n`;
  const path = shop.config('second', text);
  expect((await shop.cliWith(withOpenvino, 'start', '-c', path)).code).toBe(0);
  expect((await shop.cli('logs', '-c', path)).stdout).toContain('loaded by OpenVINO');
});

describe('where OpenVINO is not installed', () => {
  test('start refuses with the line that installs it, before anything is started', async () => {
    const { code, stdout } = await shop.cliWith(without, 'start', '-c', config('lacking', 'ir'), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: {
        code: 'runtime-missing',
        message: expect.stringContaining('cluster-serving runtime install openvino') as string,
      },
    });
  });

  test('lint warns and doctor names it', async () => {
    const path = config('lacking', 'ir');
    const { stdout } = await shop.cliWith(without, 'lint', path);
    expect(stdout).toContain('warning runtime-missing');
    const found = await shop.cliWith(without, 'doctor', '-c', path);
    expect(found.stdout).toMatch(/PROBLEM model: .*cluster-serving runtime install openvino/);
  });

  test('a folder that the config names is taken, and no other in its place', async () => {
    const named = config('named', 'ir', `openvinoPath: ${join(openvinoLibrary(), '..')}\n`);
    const right = await shop.cliWith(without, 'doctor', '-c', named);
    expect(right.stdout).toMatch(/OK +OpenVINO: OpenVINO 20/);
    const wrong = await shop.cliWith(
      withOpenvino,
      'start',
      '-c',
      config('wrong', 'ir', 'openvinoPath: /nowhere\n'),
      '--json',
    );
    expect(wrong.stdout).toContain('runtime-missing');
  });

  test('runtime list says what is missing', async () => {
    const { stdout } = await shop.cliWith(without, 'runtime', 'list');
    expect(stdout).toContain('not on this machine');
  });
});

test.each([
  ['onnxruntime', 'ONNX Runtime comes with the package: nothing is to install.'],
  [
    'python',
    'Python is not installed by this command. Install Python 3, or name one by the key python or by CLUSTER_SERVING_PYTHON.',
  ],
])('runtime install %s, which fetches nothing, says why', async (name, says) => {
  const { code, stderr } = await shop.cli('runtime', 'install', name);
  expect([code, stderr.trim()]).toEqual([2, says]);
});

test('a start on Flink needs OpenVINO on this machine, which sends it', async () => {
  const path = config('flinkless', 'ir', 'backend: flink\nflinkRestUrl: 127.0.0.1:1\n');
  const codes = [{}, withOpenvino].map(async (options) => {
    const { stdout } = await shop.cliWith(options, 'start', '-c', path, '--json');
    return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { error: { code: string } }).error.code;
  });
  expect(await Promise.all(codes)).toEqual(['runtime-missing', 'flink-refused']);
});

test('doctor loads the library that the model needs', async () => {
  const { stdout } = await shop.cliWith(withOpenvino, 'doctor', '-c', config('ir'));
  expect(stdout).toMatch(/OK +model: .*ir\.xml \(OpenVINO IR\), run by OpenVINO/);
  expect(stdout).toMatch(/OK +OpenVINO: OpenVINO 20/);
});
