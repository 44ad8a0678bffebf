import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFacts } from '../../../server/src/model/judgeFile.ts';

const models = join(import.meta.dirname, '../../fixtures/models');

test('a tensor whose axes are not declared is distinguished from a single value', async () => {
  const { openRanks } = await readFacts(join(models, 'ranks', 'ranks.onnx'));
  expect([...openRanks]).toEqual([
    ['any', true],
    ['single', false],
    ['y', true],
  ]);
});

test('of what is no model nothing is known, and the runtime may say why', async () => {
  for (const file of [import.meta.filename, join(models, 'none.onnx')]) {
    const { verdict, openRanks } = await readFacts(file);
    expect([verdict.kind, openRanks.size]).toEqual(['unknown', 0]);
  }
});

test('a file in memory says the same as one on the disk', async () => {
  for (const name of ['mlp', 'ranks']) {
    const file = join(models, name, `${name}.onnx`);
    expect(await readFacts(readFileSync(file))).toEqual(await readFacts(file));
  }
});
