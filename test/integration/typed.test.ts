import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import { startFrontend, type TestFrontend } from './httpSupport.ts';

// Every value arrives as it was sent, and every answer as the model gave it: over the real service, in all its forms.

const served = [
  'boxes',
  'classifierOfNames',
  'classifierOfNumbers',
  'echo_bool',
  'echo_float16',
  'echo_float64',
  'echo_int16',
  'echo_int32',
  'echo_int64',
  'echo_int8',
  'echo_string',
  'echo_uint16',
  'echo_uint32',
  'echo_uint64',
  'echo_uint8',
  'large',
  'lengths',
  'state',
  'threshold',
];

let redis: TestRedis;
let workshop: Workshop;
const frontends = new Map<string, TestFrontend>();

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('typed');
});

afterAll(async () => {
  for (const frontend of frontends.values()) frontend.signal('SIGKILL');
  await workshop.close();
  await redis.stop();
});

function configOf(model: string, ...lines: string[]): string {
  const text = [
    `modelPath: ${join(models, model)}`,
    `jobName: ${model}`,
    `redisUrl: 127.0.0.1:${redis.port}`,
  ];
  return workshop.config(model, [...text, ...lines].join('\n'));
}

async function serve(model: string): Promise<string> {
  const known = frontends.get(model);
  if (known) return known.url;
  const path = configOf(model);
  await workshop.must('start', '-c', path);
  const frontend = await startFrontend('-c', path);
  frontends.set(model, frontend);
  return frontend.url;
}

interface V2Output {
  readonly name: string;
  readonly datatype: string;
  readonly shape: number[];
  readonly data?: unknown[];
  readonly parameters?: { readonly binary_data_size: number };
}

/** @returns the status and the body's text, since numbers may be larger than JSON.parse has */
async function post(url: string, body: string | Buffer, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, text: await response.text() };
}

async function infer(model: string, inputs: string, more = ''): Promise<{ status: number; text: string }> {
  const url = await serve(model);
  return post(`${url}/v2/models/${model}/infer`, `{"inputs":[${inputs}]${more}}`);
}

async function inferBinary(
  model: string,
  datatype: string,
  shape: readonly number[],
  bytes: Buffer,
): Promise<Buffer> {
  const url = await serve(model);
  const head = JSON.stringify({
    inputs: [{ name: 'x', datatype, shape, parameters: { binary_data_size: bytes.length } }],
    parameters: { binary_data_output: true },
  });
  const response = await fetch(`${url}/v2/models/${model}/infer`, {
    method: 'POST',
    body: Buffer.concat([Buffer.from(head), bytes]),
    headers: { 'inference-header-content-length': String(Buffer.byteLength(head)) },
  });
  const body = Buffer.from(await response.arrayBuffer());
  expect(response.status, body.toString()).toBe(200);
  const length = Number(response.headers.get('inference-header-content-length'));
  const [output] = (JSON.parse(body.toString('utf8', 0, length)) as { outputs: V2Output[] }).outputs;
  expect(output).toMatchObject({ datatype, shape });
  return body.subarray(length);
}

async function predict(model: string, instances: string): Promise<{ status: number; text: string }> {
  const url = await serve(model);
  return post(`${url}/predict`, `{"instances":[${instances}]}`);
}

/** The inmost JSON of the only prediction. */
function inner(text: string): string {
  const { predictions } = JSON.parse(text) as { predictions: [string] };
  return (JSON.parse(predictions[0]) as { value: string }).value;
}

test.each([
  ['echo_int64', true],
  ['echo_float64', true],
  ['threshold', false],
])('the start of %s says whether clients of the original lose digits', async (model, loses) => {
  const started = await workshop.cli('start', '-c', configOf(model), '--workers', '1');
  expect(started.code, started.stderr).toBe(0);
  expect(started.stderr.split('\n').filter((line) => line.includes('may lose digits'))).toHaveLength(
    loses ? 1 : 0,
  );
  await workshop.must('stop', '-c', configOf(model));
});

describe('integers and floats of every size come back as they were sent', () => {
  test.each<[string, string, string]>([
    ['int8', 'INT8', '[-128,0,127]'],
    ['int16', 'INT16', '[-32768,-1,32767]'],
    ['int32', 'INT32', '[-2147483648,16777217,2147483647]'],
    ['int64', 'INT64', '[9007199254740993,-9223372036854775808,9223372036854775807]'],
    ['int64', 'INT64', '[16777217,4294967296,-1]'],
    ['uint8', 'UINT8', '[0,1,255]'],
    ['uint16', 'UINT16', '[0,256,65535]'],
    ['uint32', 'UINT32', '[0,3000000001,4294967295]'],
    ['uint64', 'UINT64', '[0,9223372036854775808,18446744073709551615]'],
    ['float64', 'FP64', '[0.1,1e-300,1.7976931348623157e+308]'],
    ['bool', 'BOOL', '[true,false,true]'],
  ])('%s: %s %s', async (type, datatype, data) => {
    const model = `echo_${type}`;
    const overV2 = await infer(model, `{"name":"x","datatype":"${datatype}","shape":[1,3],"data":${data}}`);
    expect(overV2.status, overV2.text).toBe(200);
    expect(overV2.text).toContain(`"datatype":"${datatype}","shape":[1,3],"data":${data}`);
    const overPredict = await predict(model, `{"x":${data}}`);
    expect(inner(overPredict.text)).toBe(`{"data":${data},"shape":[3]}`);
  });

  test.each<[string, string, Buffer]>([
    ['int64', 'INT64', Buffer.from(BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n).buffer)],
    ['uint64', 'UINT64', Buffer.from(BigUint64Array.of(2n ** 64n - 1n, 0n, 2n ** 63n).buffer)],
    ['float64', 'FP64', Buffer.from(Float64Array.of(0.1, NaN, -Infinity).buffer)],
    ['float16', 'FP16', Buffer.from(Uint16Array.of(0x7bff, 0x0001, 0xfc00).buffer)],
    ['uint32', 'UINT32', Buffer.from(Uint32Array.of(4294967295, 0, 16777217).buffer)],
    ['bool', 'BOOL', Buffer.of(1, 0, 1)],
    ['string', 'BYTES', Buffer.from('\x02\0\0\0a\n\0\0\0\0\x06\0\0\0\u00e4\ud83d\ude00', 'utf8')],
  ])('%s in binary', async (type, datatype, bytes) => {
    expect(await inferBinary(`echo_${type}`, datatype, [1, 3], bytes)).toEqual(bytes);
  });
});

describe('what a type cannot hold is refused before it is queued, with its position', () => {
  test.each<[string, string, string, string]>([
    ['int8', 'INT8', '[0,128,0]', '[0][1]'],
    ['int64', 'INT64', '[0,0,9223372036854775808]', '[0][2]'],
    ['int64', 'INT64', '[0,0,9007199254740993.0]', '[0][2]'],
    ['uint64', 'UINT64', '[-1,0,0]', '[0][0]'],
    ['uint64', 'UINT64', '[18446744073709551616,0,0]', '[0][0]'],
    ['bool', 'BOOL', '[true,2,false]', '[0][1]'],
    ['bool', 'FP32', '[1,0.5,0]', '[0][1]'],
    ['float16', 'FP16', '[65520,0,0]', '[0][0]'],
    ['int32', 'FP32', '[1,2,2.5]', '[0][2]'],
    ['float16', 'INT64', '[2049,0,0]', '[0][0]'],
  ])('%s from %s %s', async (type, datatype, data, position) => {
    const { status, text } = await infer(
      `echo_${type}`,
      `{"name":"x","datatype":"${datatype}","shape":[1,3],"data":${data}}`,
    );
    expect(status).toBe(400);
    expect(text).toContain(position);
  });

  test('numbers of /predict alike', async () => {
    const { status, text } = await predict('echo_int64', '{"x":[1,2,1.5]}');
    expect(status).toBe(400);
    expect(text).toContain('instances[0].x[2]');
    expect(inner((await predict('echo_int64', '{"x":[3000000001,9007199254740993,0]}')).text)).toContain(
      '[3000000001,9007199254740993,0]',
    );
  });

  test('strings that are not UTF-8 alike, and nothing of it reaches the queue', async () => {
    const url = await serve('echo_string');
    const head = `{"inputs":[{"name":"x","datatype":"BYTES","shape":[1,3],"parameters":{"binary_data_size":15}}]}`;
    const { status, text } = await post(
      `${url}/v2/models/echo_string/infer`,
      Buffer.concat([Buffer.from(head), Buffer.from('\x01\0\0\0a\x01\0\0\0\xff\x01\0\0\0b', 'latin1')]),
      { 'inference-header-content-length': String(head.length) },
    );
    expect(status).toBe(400);
    expect(text).toContain('[0][1]');
  });
});

describe('models are fed with what they take', () => {
  test('a state whose first axis is not the batch', async () => {
    const { text } = await predict('state', '{"x":[1,2,3],"state":[[[1,1,1]],[[2,2,2]]]}');
    expect(inner(text)).toBe(
      '[{"data":[4.0,5.0,6.0],"shape":[3]},{"data":[1.0,1.0,1.0,2.0,2.0,2.0],"shape":[2,1,3]}]',
    );
  });

  test('lengths of rows, and settings without rows', async () => {
    const { text } = await predict('lengths', '{"tokens":[[1,2],[3,4]],"lengths":[10,20],"scales":[2,0,0]}');
    expect(inner(text)).toBe('{"data":[12.0,14.0,26.0,28.0],"shape":[2,2]}');
  });

  test('a scalar beside two rows', async () => {
    const { text } = await predict('threshold', '{"x":[[1,5],[6,2]],"limit":4}');
    expect(inner(text)).toBe('{"data":[false,true,true,false],"shape":[2,2]}');
    const overV2 = await infer(
      'threshold',
      '{"name":"x","datatype":"FP32","shape":[1,2],"data":[1,5]},{"name":"limit","datatype":"FP32","shape":[],"data":[4]}',
    );
    expect(overV2.text).toContain('"shape":[1,2],"data":[false,true]');
  });

  test('no rows at all, and an answer without rows keeps its shape', async () => {
    const none = await infer(
      'boxes',
      '{"name":"boxes","datatype":"FP32","shape":[0,4],"data":[]},{"name":"scores","datatype":"FP32","shape":[0],"data":[]}',
    );
    expect(none.text).toContain('"shape":[0,4],"data":[]');
    const { text } = await predict('boxes', '{"boxes":[[1,2,3,4]],"scores":[0.1]}');
    expect(inner(text)).toBe('{"data":[],"shape":[0,4]}');
  });

  test('integers that float32 does not have are answered to the last digit', async () => {
    const { text } = await predict('large', '{"x":[1,3]}');
    expect(inner(text)).toBe('{"data":[9007199254740993,9007199254740995],"shape":[2]}');
  });

  test('labels of a classifier and the probabilities of its ZipMap', async () => {
    const { text } = await predict('classifierOfNames', '{"X":[7.7,2.6,6.9,2.3]}');
    const [label, probabilities] = JSON.parse(inner(text)) as { data: unknown[]; shape: number[] }[];
    expect(label).toEqual({ data: ['the "third"'], shape: [] });
    expect(probabilities?.shape).toEqual([3]);
    expect(probabilities?.data[1]).toBeGreaterThan(0.9);
    const numbers = await predict('classifierOfNumbers', '{"X":[7.7,2.6,6.9,2.3]}');
    expect(inner(numbers.text)).toContain('{"data":[20],"shape":[]}');
  });

  test('the classes of a classification are named', async () => {
    const { text } = await infer(
      'classifierOfNames',
      '{"name":"X","datatype":"FP32","shape":[1,4],"data":[7.7,2.6,6.9,2.3]}',
      ',"outputs":[{"name":"output_probability","parameters":{"classification":2}}]',
    );
    const [output] = (JSON.parse(text) as { outputs: V2Output[] }).outputs;
    expect(output).toMatchObject({ datatype: 'BYTES', shape: [1, 2] });
    expect(output?.data?.[0]).toMatch(/^0\.9\d*:1:the "third"$/);
    expect(output?.data?.[1]).toMatch(/:2:versicolor$/);
  });

  test('fields that are null count as absent', async () => {
    const { status } = await infer(
      'echo_int64',
      '{"name":"x","datatype":"INT64","shape":[1,3],"data":[1,2,3],"parameters":{"binary_data_size":null}}',
      ',"outputs":null,"parameters":null,"id":null',
    );
    expect(status).toBe(200);
  });
});

test.each([
  ['int4', 'element type int4'],
  ['bfloat16', 'element type bfloat16'],
  ['noInputs', 'no inputs'],
  ['sequence', 'sequence'],
])('%s is refused at the start with a sentence that names %s', async (model, named) => {
  const { code, stderr } = await workshop.cli('start', '-c', configOf(model));
  expect(code).toBe(1);
  expect(stderr).toContain(named);
  expect(stderr).not.toContain('    at ');
});

test('predict and send-test use the typed form', async () => {
  await serve('large');
  const path = configOf('large');
  const { stdout } = await workshop.cliWith(
    { input: '{"instances":[{"x":[1,2]},{"x":[1,2,3]}]}' },
    'predict',
    '-',
    '--json',
    '-c',
    path,
  );
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines[0]).toMatchObject({
    outputs: [{ shape: [2], data: ['9007199254740993', '9007199254740994'] }],
  });
  expect(lines[1]).toMatchObject({ error: 'input-mismatch' });
  expect((await workshop.must('queue', 'send-test', '-c', path)).trim()).not.toBe('');
});

test('every model of this file was asked', () => {
  expect([...frontends.keys()].sort()).toEqual(served);
});
