import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resultPrefix } from '../../schemas/redis/redisKeys.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';
import {
  ask,
  post,
  row,
  startFrontend,
  startJob,
  tensorsOf,
  type Tensor,
  type TestFrontend,
} from './httpSupport.ts';

let redis: TestRedis;
let workshop: Workshop;
let mlp: TestFrontend;
let two: TestFrontend;
let digits: TestFrontend;
const frontends: TestFrontend[] = [];

const configs = new Map<string, string>();

async function frontend(jobName: string, ...args: string[]): Promise<TestFrontend> {
  const started = await startFrontend('-c', configs.get(jobName) ?? '', ...args);
  frontends.push(started);
  return started;
}

async function serve(name: string, text: string): Promise<TestFrontend> {
  const path = workshop.config(name, `${text}\njobName: ${name}\nredisUrl: 127.0.0.1:${redis.port}\n`);
  configs.set(name, path);
  await startJob(workshop, path);
  return frontend(name);
}

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('http');
  mlp = await serve('mlp', `modelPath: ${join(models, 'mlp')}`);
  two = await serve('two', `modelPath: ${join(models, 'twoInTwoOut')}`);
  digits = await serve('digits', `modelPath: ${join(root, 'examples', 'digits', 'model')}\nimageResize: 8,8`);
});

afterAll(async () => {
  for (const one of frontends) one.signal('SIGKILL');
  await workshop.close();
  await redis.stop();
});

describe('POST /predict', () => {
  test('every instance is answered, in order', async () => {
    const alone = await Promise.all(
      [1, 2, 3].map(
        async (i) => tensorsOf(await post(`${mlp.url}/predict`, { instances: [{ x: row(i) }] }))[0],
      ),
    );
    const together = await post(`${mlp.url}/predict`, { instances: [1, 2, 3].map((i) => ({ x: row(i) })) });
    expect(together.status).toBe(200);
    expect((alone[0] as Tensor).shape).toEqual([10]);
    tensorsOf(together).forEach((tensor, i) => {
      (tensor as Tensor).data.forEach((value, k) =>
        expect(value).toBeCloseTo((alone[i] as Tensor).data[k] ?? NaN, 4),
      );
    });
  });

  test.each(['application/x-www-form-urlencoded', 'text/plain', 'nonsense/type'])(
    'a body called %s is taken as JSON',
    async (type) => {
      const answer = await post(
        `${mlp.url}/predict`,
        { instances: [{ x: row(1) }] },
        { 'content-type': type },
      );
      expect(answer.status).toBe(200);
    },
  );

  test('several outputs are one JSON list, in the order of the model', async () => {
    const info = (await ask(`${two.url}/v2/models/two`)).json as {
      inputs: { name: string; shape: number[] }[];
      outputs: { name: string; shape: number[] }[];
    };
    const instance = Object.fromEntries(
      info.inputs.map(({ name, shape }) => [name, Array(Math.abs(shape.at(-1) ?? 1)).fill(1.5)]),
    );
    const [tensors] = tensorsOf(await post(`${two.url}/predict`, { instances: [instance] }));
    expect((tensors as Tensor[]).map(({ shape }) => shape.at(-1))).toEqual(
      info.outputs.map(({ shape }) => shape.at(-1)),
    );
  });

  test.each([
    ['not JSON', 'instances', 'xx'],
    ['the key instance', 'instances', '{"instance":[{"x":[1]}]}'],
    ['a ragged list', 'instances[1].x[1]', '{"instances":[{"x":[[1,2]]},{"x":[[1,2],[3]]}]}'],
    ['an empty list', 'instances[0].x', '{"instances":[{"x":[]}]}'],
    ['a text among numbers', 'instances[0].x[1]', '{"instances":[{"x":[1,"a"]}]}'],
    ['NaN', 'instances', '{"instances":[{"x":[NaN]}]}'],
    ['a number beyond float32', 'instances[0].x[0]', `{"instances":[{"x":[1e300${',0'.repeat(63)}]}]}`],
    ['a wrong dimension', 'instances[0].x', '{"instances":[{"x":[1,2,3]}]}'],
    ['an unknown input', 'instances[0].y', `{"instances":[{"y":[2],"x":[1]}]}`],
    ['a hundred levels', 'instances[0].x', `{"instances":[{"x":${'['.repeat(100)}1${']'.repeat(100)}}]}`],
    ['__proto__', 'instances[0].__proto__', '{"instances":[{"__proto__":[1],"x":[1]}]}'],
    ['bad base64', 'instances[0].x', '{"instances":[{"x":{"b64":"!!"}}]}'],
    ['an empty body', 'instances', ''],
  ])('%s is refused with the place and the form', async (_what, place, body) => {
    const answer = await post(`${mlp.url}/predict`, body);
    expect(answer.status).toBe(400);
    expect(answer.json.error).toContain(place);
    expect(answer.json.error).toContain('"instances"');
  });

  test('an image is the same however it is sent', async () => {
    const file = readFileSync(join(root, 'examples/digits/images/digit-03.png'));
    const base64 = file.toString('base64');
    const form = new FormData();
    form.set('file', new Blob([file], { type: 'image/png' }), 'digit.png');
    const answers = await Promise.all([
      post(`${digits.url}/predict`, file, { 'content-type': 'image/png' }),
      ask(`${digits.url}/predict`, { method: 'POST', body: form }),
      post(`${digits.url}/predict`, { instances: [{ image: base64 }] }),
      post(`${digits.url}/predict`, { instances: [{ image: { b64: base64 } }] }),
    ]);
    for (const answer of answers) expect([answer.status, answer.text]).toEqual([200, answers[0].text]);
  });

  test('an image that is cut or claims too many pixels is refused before it is queued', async () => {
    const file = readFileSync(join(root, 'examples/digits/images/digit-03.png'));
    const huge = Buffer.from(file);
    huge.writeUInt32BE(20_000, 16);
    huge.writeUInt32BE(20_000, 20);
    for (const body of [file.subarray(0, file.length - 20), huge]) {
      const answer = await post(`${digits.url}/predict`, body, { 'content-type': 'image/png' });
      expect([answer.status, answer.json.code]).toEqual([400, 'record-undecodable']);
    }
  });

  test('a request id comes back, and names the record', async () => {
    const answer = await post(
      `${mlp.url}/predict`,
      { instances: [{ x: row(1) }] },
      { 'x-request-id': 'mine-1' },
    );
    expect(answer.headers.get('x-request-id')).toBe('mine-1');
  });
});

describe('the Open Inference Protocol', () => {
  test('JSON and binary tensors give the same, which is what /predict gives', async () => {
    const data = row(7);
    const [plain] = tensorsOf(await post(`${mlp.url}/predict`, { instances: [{ x: data }] }));
    const json = await post(`${mlp.url}/v2/models/mlp/infer`, {
      id: 'a',
      inputs: [{ name: 'x', shape: [1, 64], datatype: 'FP32', data }],
    });
    expect(json.status).toBe(200);
    const [output] = json.json.outputs as [
      { name: string; datatype: string; shape: number[]; data: number[] },
    ];
    expect(output).toMatchObject({ name: 'y', datatype: 'FP32', shape: [1, 10] });
    expect(output.data).toEqual((plain as Tensor).data);
    expect(json.json).toMatchObject({ id: 'a', model_name: 'mlp', model_version: '1' });

    const header = Buffer.from(
      JSON.stringify({
        inputs: [{ name: 'x', shape: [1, 64], datatype: 'FP32', parameters: { binary_data_size: 256 } }],
        parameters: { binary_data_output: true },
      }),
    );
    const response = await fetch(`${mlp.url}/v2/models/mlp/versions/1/infer`, {
      method: 'POST',
      headers: { 'inference-header-content-length': String(header.length) },
      body: Buffer.concat([header, Buffer.from(Float32Array.from(data).buffer)]),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const length = Number(response.headers.get('inference-header-content-length'));
    expect(JSON.parse(bytes.toString('utf8', 0, length))).toMatchObject({
      outputs: [{ name: 'y', parameters: { binary_data_size: 40 } }],
    });
    const binary = Array.from({ length: 10 }, (_, i) => bytes.readFloatLE(length + 4 * i));
    binary.forEach((value, i) => expect(value).toBe(Math.fround(output.data[i] ?? NaN)));
  });

  test('statistics count what was asked, in the form of Triton', async () => {
    type Durations = Readonly<Record<string, { readonly count: number; readonly ns: number }>>;
    interface Statistics {
      readonly inference_count: number;
      readonly execution_count: number;
      readonly last_inference?: number;
      readonly inference_stats: Durations;
      readonly batch_stats: readonly ({ readonly batch_size: number } & Durations)[];
    }
    // Workers report once a second: one that nothing else has asked has reported all that came before.
    const { url } = await serve('counted', `modelPath: ${join(models, 'twoInTwoOut')}`);
    const read = async () => {
      const { json } = await ask(`${url}/v2/models/counted/stats`);
      return (json as unknown as { readonly model_stats: readonly [Statistics] }).model_stats[0];
    };
    const before = await read();
    const began = Date.now();
    const inputs = [4, 5].map((size, i) => ({
      ...{ name: 'ab'[i], datatype: 'FP32', shape: [1, size] },
      data: Array.from({ length: size }, () => 1),
    }));
    for (let i = 0; i < 5; i++) {
      const { status, text } = await post(`${url}/v2/models/counted/infer`, { inputs });
      expect(status, text).toBe(200);
    }
    const after = await eventually(
      'the counts',
      async () => {
        const now = await read();
        return (
          (now.inference_stats.success?.count ?? 0) >= (before.inference_stats.success?.count ?? 0) + 5 && now
        );
      },
      60_000,
    );
    expect(after.inference_count - before.inference_count).toBe(5);
    expect(after.execution_count).toBeGreaterThan(before.execution_count);
    expect(after.last_inference).toBeGreaterThanOrEqual(began - 1_000);
    expect(after.inference_stats.compute_infer?.ns).toBeGreaterThan(
      before.inference_stats.compute_infer?.ns ?? 0,
    );
    expect(after.inference_stats.fail).toEqual(before.inference_stats.fail);
    expect(after.inference_stats.compute_input).toBeUndefined();
    expect(after.batch_stats.reduce((sum, { compute_infer }) => sum + (compute_infer?.count ?? 0), 0)).toBe(
      after.execution_count,
    );
    expect((await ask(`${url}/v2/models/counted/versions/1/stats`)).json).toEqual({ model_stats: [after] });
    expect((await ask(`${url}/v2/models/stats`)).json).toMatchObject({ model_stats: [{ name: 'counted' }] });
    expect((await ask(`${url}/v2/models/none/stats`)).status).toBe(404);
  });

  test('metadata and health are answered', async () => {
    expect((await ask(`${mlp.url}/v2`)).json).toMatchObject({
      extensions: ['binary_tensor_data', 'classification', 'model_repository', 'statistics'],
    });
    expect((await ask(`${mlp.url}/v2/models/mlp`)).json).toMatchObject({
      name: 'mlp',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 64] }],
    });
    expect((await ask(`${mlp.url}/v2/models/mlp/ready`)).json).toEqual({ name: 'mlp', ready: true });
    expect((await ask(`${mlp.url}/v2/models/nosuch/ready`)).status).toBe(404);
  });

  test('an output that is not wanted is left out, and one that is not there refused', async () => {
    const inputs = [{ name: 'x', shape: [1, 64], datatype: 'FP32', data: row(1) }];
    const refused = await post(`${mlp.url}/v2/models/mlp/infer`, { inputs, outputs: [{ name: 'z' }] });
    expect([refused.status, refused.json.code]).toEqual([400, 'input-mismatch']);
    const { outputs } = (await ask(`${two.url}/v2/models/two`)).json as { outputs: { name: string }[] };
    const { inputs: wanted } = (await ask(`${two.url}/v2/models/two`)).json as {
      inputs: { name: string; shape: number[]; datatype: string }[];
    };
    const tensors = wanted.map(({ name, shape, datatype }) => {
      const sizes = shape.map((size) => Math.abs(size));
      return {
        name,
        datatype,
        shape: sizes,
        data: Array(sizes.reduce((a, b) => a * b, 1)).fill(1) as number[],
      };
    });
    const answer = await post(`${two.url}/v2/models/two/infer`, { inputs: tensors, outputs: [outputs[1]] });
    expect((answer.json.outputs as { name: string }[]).map(({ name }) => name)).toEqual([outputs[1]?.name]);
  });
});

describe('what is around predictions', () => {
  test('the original greets', async () => {
    expect((await ask(mlp.url)).text).toBe('welcome to BigDL web serving frontend');
  });

  test('the timers have the names and fields of the original', async () => {
    const recorded = JSON.parse(readFileSync(join(root, 'test/fixtures/wire/http/metrics.json'), 'utf8')) as {
      response: { body: string };
    };
    const theirs = JSON.parse(recorded.response.body) as Record<string, unknown>[];
    const ours = (await ask(`${mlp.url}/metrics`)).json as unknown as Record<string, unknown>[];
    expect(ours.map(({ name }) => name)).toEqual(expect.arrayContaining(theirs.map(({ name }) => name)));
    expect(Object.keys(ours[0] ?? {})).toEqual(Object.keys(theirs[0] ?? {}));
  });

  test('Prometheus gets text, by its own address or by asking for it', async () => {
    const { text } = await ask(`${mlp.url}/metrics/prometheus`);
    expect(text).toMatch(/^cluster_serving_job_waiting\{job="mlp"\} \d+$/m);
    expect(text).toMatch(/^cluster_serving_worker_records_expired_total\{.+\} \d+$/m);
    expect(text).toMatch(
      /^cluster_serving_worker_stage_duration_seconds_bucket\{.*stage="inference",le="\+Inf"\} \d+$/m,
    );
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [-+.e\dIN]\S*)$/);
    expect((await ask(`${mlp.url}/metrics`, { headers: { accept: 'text/plain' } })).text).toContain('# TYPE');
  });

  test('every metric that the dashboard shows is there', async () => {
    const { text } = await ask(`${mlp.url}/metrics/prometheus`);
    const told = new Set([...text.matchAll(/^(cluster_serving_\w+)/gm)].map(([name]) => name));
    const dashboard = readFileSync(join(root, 'examples/grafana-dashboard.json'), 'utf8');
    const shown = new Set([...dashboard.matchAll(/cluster_serving_\w+/g)].map(([name]) => name));
    expect([...shown].filter((name) => !told.has(name))).toEqual([]);
  });

  test('a wrong method, an unknown address and a large body are distinguished', async () => {
    const wrong = await ask(`${mlp.url}/predict`, { method: 'PUT' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await ask(`${mlp.url}/nosuch`)).status).toBe(404);
    const small = await frontend('mlp', '--maxBodyBytes=1024');
    const large = await post(`${small.url}/predict`, 'x'.repeat(2_000));
    expect([large.status, large.json.code]).toEqual([413, 'body-too-large']);
  });

  test('the example of the docs succeeds as it is', async () => {
    const api = (await ask(`${digits.url}/openapi.json`)).json as {
      paths: Record<
        string,
        Record<string, { requestBody?: { content: Record<string, { example: unknown }> } }>
      >;
    };
    for (const [path, { post: operation }] of Object.entries(api.paths)) {
      const content = operation?.requestBody?.content['application/json'];
      if (content) expect((await post(digits.url + path, content.example)).status).toBe(200);
    }
    expect((await ask(`${digits.url}/docs`)).headers.get('content-security-policy')).toContain(
      "default-src 'none'",
    );
  });

  test('secrets of an encrypted model are put where workers look', async () => {
    const answer = await post(`${mlp.url}/model-secure`, 'secret=a+b==&salt=c');
    expect(answer.status).toBe(200);
    expect(await redis.client.hgetall('model_secured')).toEqual({ secret: 'a+b==', salt: 'c' });
    expect((await post(`${mlp.url}/model-secure`, 'nonsense')).status).toBe(400);
  });

  test('an API key is asked for, but not for health', async () => {
    const locked = await frontend('mlp', '--apiKey=opensesame');
    const body = { instances: [{ x: row(1) }] };
    expect((await post(`${locked.url}/predict`, body)).status).toBe(401);
    expect((await post(`${locked.url}/predict`, body, { authorization: 'Bearer opensesame' })).status).toBe(
      200,
    );
    expect((await ask(`${locked.url}/live`)).status).toBe(200);
    expect(locked.output).not.toContain('opensesame');
  });

  test('beyond the rate requests are limited, in the words of the original', async () => {
    const limited = await frontend(
      'mlp',
      '--tokenBucketEnabled',
      '--tokensPerSecond=1',
      '--tokenAcquireTimeout=0',
    );
    const body = { instances: [{ x: row(1) }] };
    expect((await post(`${limited.url}/predict`, body)).status).toBe(200);
    const refused = await post(`${limited.url}/predict`, body);
    expect([refused.status, refused.text, refused.headers.get('retry-after')]).toEqual([
      429,
      '{"error":"limited"}',
      '1',
    ]);
  });
});

test('a stop lets every request end and exits with 0', async () => {
  const going = await frontend('mlp', '--drainDelay=300');
  const statuses: number[] = [];
  let stopped = false;
  const callers = Array.from({ length: 8 }, async (_, i) => {
    while (!stopped)
      statuses.push((await post(`${going.url}/predict`, { instances: [{ x: row(i) }] })).status);
  });
  await eventually('requests are answered', () => Promise.resolve(statuses.length > 20));
  going.signal('SIGTERM');
  await eventually(
    'it says that it is not ready',
    async () => (await ask(`${going.url}/ready`)).status === 503,
  );
  stopped = true;
  await Promise.all(callers);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(await going.ended).toBe(0);
  await eventually(
    'no result is left',
    async () => (await redis.client.keys(`${resultPrefix('mlp')}*`)).length === 0,
  );
});

describe('requests that are no requests', () => {
  function raw(url: string, text: string): Promise<string> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(text));
      let got = '';
      socket.on('data', (chunk) => (got += chunk.toString()));
      socket.on('close', () => resolve(got));
      socket.on('error', reject);
    });
  }

  test('a body that stalls is given up in time, with JSON', async () => {
    const patient = await frontend('mlp', '--bodyTimeout=500');
    const got = await raw(
      patient.url,
      'POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"ins',
    );
    expect(got).toMatch(/^HTTP\/1.1 408 /);
    expect(JSON.parse(got.slice(got.indexOf('\r\n\r\n')))).toHaveProperty('error');
    expect((await post(`${patient.url}/predict`, { instances: [{ x: row(1) }] })).status).toBe(200);
  });

  test.each([
    ['no HTTP', 'nonsense\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
  ])('%s is answered with JSON', async (_what, text, status) => {
    const got = await raw(mlp.url, text);
    expect(got).toContain(`HTTP/1.1 ${status} `);
    expect(JSON.parse(got.slice(got.indexOf('\r\n\r\n')))).toHaveProperty('error');
  });

  test('a body that claims a gigabyte is refused before it is sent', async () => {
    const got = raw(mlp.url, 'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n');
    expect(await got).toMatch(/^HTTP\/1.1 413 /);
  });

  test('a small body that unpacks to a large one is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
    const answer = await post(`${mlp.url}/predict`, bomb, { 'content-encoding': 'gzip' });
    expect([answer.status, answer.json.code]).toEqual([413, 'body-too-large']);
    const fine = gzipSync(JSON.stringify({ instances: [{ x: row(1) }] }));
    expect((await post(`${mlp.url}/predict`, fine, { 'content-encoding': 'gzip' })).status).toBe(200);
  });
});
