import { cpSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { frameworksPython } from '../support/frameworks.ts';
import { openvinoState } from '../support/openvino.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';

// The digits in every format that the quickstart offers: each answers as the ONNX model does.

const examples = join(root, 'examples');
let shop: Workshop;
let redis: TestRedis;
beforeAll(async () => {
  shop = openWorkshop();
  redis = await startRedis();
  cpSync(join(openvinoState, 'runtimes'), join(shop.state, 'runtimes'), { recursive: true });
});
afterAll(async () => {
  await shop.close();
  await redis.stop();
});

const folders = [
  'digits',
  ...readdirSync(join(examples, 'digits-runtimes'), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [`digits-runtimes/${entry.name}`] : [],
  ),
];
const images = readdirSync(join(examples, 'digits', 'images')).slice(0, 20);

interface Line {
  readonly name?: string;
  readonly outputs?: readonly { readonly data: readonly number[] }[];
}

test(
  'every example gives the same probabilities for the images, and nearly all are right',
  { timeout: 240_000 },
  async () => {
    const answers: number[][][] = [];
    for (const folder of folders) {
      const text = readFileSync(join(examples, folder, 'config.yaml'), 'utf8');
      const path = shop.config(
        folder,
        `${text}redisUrl: 127.0.0.1:${redis.port}\npython: ${frameworksPython()}\n`,
      );
      cpSync(join(examples, folder, 'model'), join(path, '..', 'model'), { recursive: true });
      await shop.must('start', '-c', path);
      const files = images.map((name) => join(examples, 'digits', 'images', name));
      const printed = await shop.must('predict', '-c', path, '--json', ...files);
      const lines = printed
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
      const byName = new Map(lines.map(({ name, outputs }) => [name, outputs?.[0]?.data]));
      answers.push(images.map((name) => [...(byName.get(name) ?? [])]));
      await shop.must('stop', '-c', path);
    }
    const [onnx = [], ...others] = answers;
    expect(others).toHaveLength(3);
    for (const other of others)
      for (const [i, probabilities] of onnx.entries()) {
        expect(other[i]).toHaveLength(10);
        probabilities.forEach((value, digit) => expect(other[i]?.[digit]).toBeCloseTo(value, 5));
      }
    const labels = new Map(
      readFileSync(join(examples, 'digits', 'labels.csv'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(',') as [string, string]),
    );
    const right = onnx.filter(
      (data, i) => String(data.indexOf(Math.max(...data))) === labels.get(images[i] ?? ''),
    );
    expect(right.length).toBeGreaterThanOrEqual(19);
  },
);
