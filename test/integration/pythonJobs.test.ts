import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { datatypeOf, type ElementType } from '../../server/src/tensor/elementTypes.ts';
import { frameworksPython } from '../support/frameworks.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';
import { post, startFrontend } from './httpSupport.ts';

// Models that Python runs, from the command line to the answer.

const fixtures = join(root, 'test/fixtures/python');
let shop: Workshop;
let redis: TestRedis;
/** A Python without any package. */
let bare: string;

beforeAll(async () => {
  shop = openWorkshop();
  redis = await startRedis();
  const folder = mkdtempSync(join(shop.folder, 'bare-'));
  spawnSync(frameworksPython(), ['-m', 'venv', '--without-pip', folder]);
  bare = join(folder, 'bin/python');
});

afterAll(async () => {
  await shop.close();
  await redis.stop();
});

function config(jobName: string, model: string, more = '', python = frameworksPython()): string {
  const path = join(fixtures, model);
  return shop.config(
    jobName,
    `modelPath: ${path}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${redis.port}\npython: ${python}\n${more}`,
  );
}

interface Plain {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

interface Output {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

function answersOf(name: string): Readonly<Record<'inputs' | 'outputs', Readonly<Record<string, Plain>>>> {
  return JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')) as ReturnType<typeof answersOf>;
}

function expectData(found: readonly unknown[], wanted: readonly (number | string)[]): void {
  expect(found.length).toBe(wanted.length);
  found.forEach((value, i) => {
    const expected = wanted[i];
    if (typeof expected === 'string') expect(value).toBe(expected);
    else expect(Number(value)).toBeCloseTo(expected ?? NaN, 5);
  });
}

const client = `
import json, sys
import numpy as np
from bigdl.serving.client import InputQueue, OutputQueue
port, name, inputs = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
into = InputQueue(host="127.0.0.1", port=port, name=name)
out = OutputQueue(host="127.0.0.1", port=port, name=name)
arrays = {key: np.array(value["data"], value["type"]).reshape(value["shape"]) for key, value in inputs.items()}
into.enqueue("one", **arrays)
answer = None
while isinstance(answer, str) and answer == "[]" or answer is None:
    answer = out.query("one")
answers = answer if isinstance(answer, list) else [answer]
print("RESULT " + json.dumps([np.asarray(each).ravel().tolist() for each in answers]))
`;

/** What the original's Python client gets for the first row of the inputs. */
function byPythonClient(jobName: string, inputs: Readonly<Record<string, Plain>>): readonly unknown[][] {
  const { stdout, stderr } = spawnSync(
    join(root, '.cache', 'python-client', 'bin', 'python'),
    ['-c', client, String(redis.port), jobName, JSON.stringify(inputs)],
    { encoding: 'utf8', timeout: 60_000 },
  );
  const line = stdout.split('\n').find((each) => each.startsWith('RESULT '));
  expect(line, stderr).toBeDefined();
  return JSON.parse((line ?? '').slice('RESULT '.length)) as unknown[][];
}

function firstRow({ type, shape, data }: Plain): Plain {
  const length = data.length / (shape[0] ?? 1);
  return { type: type === 'float64' ? 'float32' : type, shape: shape.slice(1), data: data.slice(0, length) };
}

test.each(['script', 'export', 'named', 'xgboost', 'lightgbm', 'classifier', 'program'])(
  'the model "%s" is asked by the Python client, over /predict and v2, and answers as its framework does',
  async (name) => {
    const path = config(name, name, 'allowPickle: true\n');
    await shop.must('start', '-c', path);
    const frontend = await startFrontend('-c', path);
    onTestFinished(async () => {
      frontend.signal('SIGTERM');
      await frontend.ended;
      await shop.must('stop', '-c', path);
    });
    const { inputs, outputs } =
      name === 'program'
        ? {
            inputs: { x: { type: 'float32', shape: [1, 2], data: [1.5, 2] } as Plain },
            outputs: { x: { type: 'float32', shape: [1, 2], data: [4.5, 6] } as Plain },
          }
        : answersOf(name);
    const wanted = Object.entries(outputs);

    const infer = await post(`${frontend.url}/v2/models/${name}/infer`, {
      inputs: Object.entries(inputs).map(([key, { type, shape, data }]) => ({
        name: key,
        datatype: datatypeOf(type),
        shape,
        data,
      })),
    });
    expect(infer.status, JSON.stringify(infer.json)).toBe(200);
    const found = infer.json.outputs as readonly Output[];
    expect(found.map((output) => [output.name, output.shape])).toEqual(
      wanted.map(([key, { shape }]) => [key, shape]),
    );
    found.forEach(({ data }, i) => expectData(data, wanted[i]?.[1].data ?? []));

    const rows = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, firstRow(value)]));
    const instance = Object.fromEntries(
      Object.entries(rows).map(([key, { shape, data }]) => [key, nested(shape, data)]),
    );
    const predicted = await post(`${frontend.url}/predict`, { instances: [instance] });
    expect(predicted.status, JSON.stringify(predicted.json)).toBe(200);
    const numbers = wanted.filter(([, { type }]) => type !== 'string').map(([, value]) => firstRow(value));
    const tensors = tensorsOf(predicted.json.predictions as readonly string[]);
    const all = wanted.map(([, value]) => firstRow(value));
    expect(tensors.map(({ shape }) => shape)).toEqual(all.map(({ shape }) => shape));
    tensors.forEach(({ data }, i) => expectData([data].flat(), all[i]?.data ?? []));
    const answers = byPythonClient(name, rows);
    // Strings are left out beside numbers, since the original does not have them.
    expect(answers.length).toBe(numbers.length);
    answers.forEach((data, i) => expectData(data, numbers[i]?.data ?? []));
  },
);

/** What the original's route says of one record: a text of JSON within a text of JSON. */
function tensorsOf([prediction = '']: readonly string[]): readonly Omit<Output, 'name'>[] {
  const { value } = JSON.parse(prediction) as { value: string };
  return [JSON.parse(value) as Omit<Output, 'name'> | Omit<Output, 'name'>[]].flat();
}

function nested(shape: readonly number[], data: readonly unknown[]): unknown {
  const [first = 1, ...rest] = shape;
  if (rest.length === 0) return data;
  const size = data.length / first;
  return Array.from({ length: first }, (_, i) => nested(rest, data.slice(i * size, (i + 1) * size)));
}

const errorOf = (stdout: string) =>
  (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { error: { code: string; message: string } }).error;

describe('a start is refused in a sentence', () => {
  test.each([
    ['script', 'torch'],
    ['xgboost', 'xgboost numpy'],
    ['lightgbm', 'lightgbm numpy'],
    ['program', 'numpy'],
  ])('where the packages of "%s" are missing', async (name, packages) => {
    const path = config(`bare-${name}`, name, '', bare);
    const { code, stdout } = await shop.cli('start', '-c', path, '--json');
    expect(code).toBe(1);
    expect(errorOf(stdout)).toMatchObject({
      code: 'runtime-missing',
      message: expect.stringContaining(`'${bare}' -m pip install ${packages}`) as string,
    });
    expect((await shop.cli('lint', path)).stdout).toContain('warning runtime-missing');
    expect((await shop.cli('doctor', '-c', path)).stdout).toMatch(
      /PROBLEM Python packages: .* -m pip install/,
    );
  });

  test('where a pickle needs a package that only its load shows', async () => {
    const folder = mkdtempSync(join(shop.folder, 'pickle-'));
    // A pickle of a class of scikit-learn, for a Python that has numpy alone.
    writeFileSync(join(folder, 'net.pkl'), Buffer.from('\x80\x02cnowhere.model\nNet\n)\x81.', 'latin1'));
    const path = shop.config(
      'lacking',
      `modelPath: ${folder}\njobName: lacking\nredisUrl: 127.0.0.1:${redis.port}\npython: ${frameworksPython()}\nallowPickle: true\n`,
    );
    const { stdout } = await shop.cli('start', '-c', path, '--json');
    expect(errorOf(stdout)).toMatchObject({
      code: 'runtime-missing',
      message: expect.stringContaining('-m pip install nowhere') as string,
    });
  });

  test('where the model is a pickle that the config does not allow', async () => {
    for (const name of ['pickled', 'forest']) {
      const path = config(`forbidden-${name}`, name);
      const { stdout } = await shop.cli('start', '-c', path, '--json');
      expect(errorOf(stdout)).toMatchObject({ code: 'model-pickled' });
      expect((await shop.cli('lint', path)).stdout).toContain('error model-pickled');
    }
  });

  test('where there is no such Python', async () => {
    const { stdout } = await shop.cli(
      'start',
      '-c',
      config('nowhere', 'script', '', '/nowhere/python'),
      '--json',
    );
    expect(errorOf(stdout)).toMatchObject({ code: 'runtime-missing' });
  });

  test('where the cluster is away, whose Python counts on Flink, and not for that of this machine', async () => {
    const more = 'backend: flink\nflinkRestUrl: 127.0.0.1:1\n';
    const { stdout } = await shop.cli('start', '-c', config('flinkless', 'script', more, bare), '--json');
    expect(errorOf(stdout)).toMatchObject({ code: 'flink-refused' });
  });

  test('where model.py raises an error, with that error', async () => {
    const folder = mkdtempSync(join(shop.folder, 'broken-'));
    cpSync(join(fixtures, 'program'), folder, { recursive: true });
    rmSync(join(folder, 'factor.txt'));
    const text = `modelPath: ${folder}\njobName: broken\nredisUrl: 127.0.0.1:${redis.port}\npython: ${frameworksPython()}\n`;
    const { stdout } = await shop.cli('start', '-c', shop.config('broken', text), '--json');
    expect(errorOf(stdout)).toMatchObject({
      code: 'model-load-failed',
      message: expect.stringContaining('FileNotFoundError') as string,
    });
  });
});

test('nothing of a model is run by lint, and a start says what it runs', async () => {
  const folder = mkdtempSync(join(shop.folder, 'marked-'));
  const mark = join(folder, 'was-run');
  writeFileSync(
    join(folder, 'model.py'),
    `open(${JSON.stringify(mark)}, "w").close()\n\ndef predict(inputs):\n    return inputs\n`,
  );
  const fake = join(folder, 'python');
  writeFileSync(fake, `#!/bin/sh\ntouch ${JSON.stringify(mark)}\n`, { mode: 0o755 });
  const text = `modelPath: ${folder}\njobName: marked\nredisUrl: 127.0.0.1:${redis.port}\npython: `;
  const linted = await shop.cli('lint', shop.config('marked-fake', text + fake));
  expect(linted.stdout).toContain('warning model-runs-code');
  const path = shop.config('marked', text + frameworksPython());
  await shop.cli('lint', path);
  expect(() => readFileSync(mark)).toThrow(/ENOENT/);
  const { stdout, stderr } = await shop.cli('start', '-c', path);
  expect(stdout + stderr).toContain('is a program of Python, and a start runs it');
  expect(readFileSync(mark, 'utf8')).toBe('');
});
