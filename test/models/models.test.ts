import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { predictionOf } from '../../server/src/ask/prediction.ts';
import { encodeRecord } from '../../server/src/codec/encodeRecord.ts';
import { encodeTypedRecord } from '../../server/src/codec/typedForm.ts';
import { putRecords, takeResults, type NewRecord } from '../../server/src/queue/recordClient.ts';
import { viewOf, type NumericTypeName } from '../../server/src/tensor/elementTypes.ts';
import type { Tensor } from '../../server/src/tensor/tensor.ts';
import { routes, type Route, type Served, type Tensors } from '../onnx/support/routes.ts';
import { answerMs, serveModels, type Services } from '../onnx/support/serve.ts';
import { openvinoLibrary } from '../support/openvino.ts';
import { root } from '../support/serving.ts';
import { realModels, type RealModel } from './list.ts';

// Models that packages ship, served, and held to what ONNX Runtime or LiteRT in Python answers to each record alone.

const recordsAtOnce = 64;
const tolerance = 1e-4;
/** Of an output's largest value; more where LiteRT's two sets of kernels are further apart. */
const halfTolerance = 1e-3;
const timesSpread = 2;

interface Asked {
  readonly inputs: Tensors;
  readonly outputs: readonly Tensor[];
  /** By output, as a share of its largest value; empty where the framework is exact enough. */
  readonly spreads: readonly number[];
}

const models = realModels();
let folder: string;
let answers: ReadonlyMap<string, readonly Asked[]>;
let services: Services | undefined;
let redis: Redis | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-serving-models-'));
  answers = answersOf(models);
  // Each alone in a folder, as a job wants it.
  const files = models.map(({ name, file }) => {
    const copy = join(folder, name);
    const isFolder = statSync(file).isDirectory();
    cpSync(file, isFolder ? copy : join(copy, basename(file)), { recursive: true });
    return [name, copy] as const;
  });
  services = await serveModels(new Map(files), [`openvinoPath: ${dirname(openvinoLibrary())}`]);
  redis = new Redis(services.redisPort, '127.0.0.1');
});

afterAll(async () => {
  redis?.disconnect();
  await services?.close();
  rmSync(folder, { recursive: true, force: true });
});

function answersOf(some: readonly RealModel[]): ReadonlyMap<string, readonly Asked[]> {
  const environment = join(root, '.cache', 'onnx-models');
  const windows = join(environment, 'Scripts', 'python.exe');
  const python = existsSync(windows) ? windows : join(environment, 'bin', 'python');
  const script = join(import.meta.dirname, 'answers.py');
  execFileSync(python, [script, JSON.stringify(some), String(recordsAtOnce), folder], { stdio: 'inherit' });
  const bytes = readFileSync(join(folder, 'answers.bin'));
  const tensorOf = ({ type, shape, at, bytes: size }: Described): Tensor => ({
    type,
    shape,
    data: viewOf(type, Uint8Array.from(bytes.subarray(at, at + size))),
  });
  const found = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as {
    name: string;
    records: { inputs: Described[]; outputs: Described[] }[];
    spreads: number[];
  }[];
  return new Map(
    found.map(({ name, records, spreads }) => [
      name,
      records.map(({ inputs, outputs }) => ({
        spreads,
        inputs: new Map(inputs.map((input) => [input.name, tensorOf(input)])),
        outputs: outputs.map(tensorOf),
      })),
    ]),
  );
}

interface Described {
  readonly name: string;
  readonly type: NumericTypeName;
  readonly shape: number[];
  readonly at: number;
  readonly bytes: number;
}

/** Through Redis, as a client of the one or the other form does. */
function queueRoute(form: 'typed' | 'original'): Route {
  let asked = 0;
  return async ({ name }, inputs) => {
    const uri = `${form}-${++asked}`;
    const entries = [...inputs].map(([input, tensor]) => [input, { kind: 'dense', ...tensor }] as const);
    const record: NewRecord =
      form === 'typed'
        ? { uri, data: encodeTypedRecord(inputs), serde: 'typed', wantsTyped: true }
        : { uri, data: encodeRecord(new Map(entries)) };
    await putRecords(redis as Redis, name, [record]);
    const value = (await takeResults(redis as Redis, name, [uri], answerMs)).get(uri);
    const prediction = value === undefined ? 'nothing' : predictionOf(value);
    if (typeof prediction === 'string') throw new Error(prediction);
    return prediction;
  };
}

const allRoutes: Readonly<Record<string, Route>> = {
  ...routes,
  'queue, typed': queueRoute('typed'),
  'queue, original': queueRoute('original'),
};

interface Comparison extends Pick<Asked, 'spreads'> {
  readonly isFloat32: boolean;
  readonly isHalf: boolean;
}

/** @returns what is wrong; undefined where nothing is */
function faultOf(
  found: readonly Tensor[],
  wanted: readonly Tensor[],
  { isFloat32, isHalf, spreads }: Comparison,
): string | undefined {
  if (found.length !== wanted.length) return `${found.length} outputs`;
  for (const [i, { type, shape, data }] of wanted.entries()) {
    const output = found[i] as Tensor;
    // The original's form has float32 only, and no more axes than elements.
    if (!isFloat32 && output.type !== type) return `output ${i} is ${output.type}`;
    if (!isFloat32 && output.shape.join() !== shape.join())
      return `output ${i} has the shape ${output.shape.join()}`;
    if (output.data.length !== data.length) return `output ${i} has ${output.data.length} elements`;
    const range = isHalf ? rangeOf(data) : 0;
    const share = Math.max(halfTolerance, timesSpread * (spreads[i] ?? 0));
    for (let k = 0; k < data.length; k++) {
      const [a, b] = [Number(output.data[k]), Number(data[k])];
      const most = isHalf ? share * Math.max(1, range) : tolerance * Math.max(1, Math.abs(b));
      if (!(Math.abs(a - b) <= most)) return `output ${i} has ${a} instead of ${b} at ${k}`;
    }
  }
  return undefined;
}

function rangeOf(data: Tensor['data']): number {
  let largest = 0;
  for (const value of data) largest = Math.max(largest, Math.abs(Number(value)));
  return largest;
}

async function ask(
  routeName: string,
  model: string,
  { inputs, outputs, spreads }: Asked,
): Promise<string | undefined> {
  const types = outputs.map(({ type }) => type);
  try {
    const found = await (allRoutes[routeName] as Route)(services?.served.get(model) as Served, inputs, types);
    const isHalf = models.some(({ name, isHalf: half }) => name === model && half);
    return faultOf(found, outputs, { isFloat32: routeName === 'queue, original', isHalf, spreads });
  } catch (error) {
    // What fetch says is in its cause.
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return `${String(error)}${cause}`;
  }
}

test('there are enough models', () => {
  expect(models.length).toBeGreaterThanOrEqual(30);
});

describe.each(models.map(({ name }) => name))('%s', (name) => {
  test.each(Object.keys(allRoutes))('gives what its framework gives in Python: %s', async (route) => {
    const [first] = answers.get(name) ?? [];
    expect(await ask(route, name, first as Asked)).toBeUndefined();
  });

  // The command begins a program for each.
  test.each(Object.keys(allRoutes).filter((route) => route !== 'predict'))(
    'gives 64 records at once what each gets alone: %s',
    async (route) => {
      const records = answers.get(name) ?? [];
      expect(records).toHaveLength(recordsAtOnce);
      const faults = await Promise.all(records.map((record) => ask(route, name, record)));
      expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
    },
  );
});
