import { expect, test } from 'vitest';
import type { JobsMessage } from '../../../schemas/editor/languageMessages.ts';
import { refusedConfigs } from '../../../client/src/language/refusedConfigs.ts';
import { configText } from '../../../server/src/language/configText.ts';
import { diagnose } from '../../../server/src/language/diagnose.ts';
import { reloadRefusalsOf } from '../../../server/src/language/world/reloadRefusals.ts';
import { createWorkspace } from '../../../server/src/language/workspace.ts';
import { aJob, beat } from '../../client/aJob.ts';
import { inMemory } from './world.ts';

const text = 'modelPath: /m\njobName: other\nbatchSize: 4\n';
const path = '/work/a b/config.yaml';
const files = inMemory({ '/m/a.onnx': '' });

async function problems(refused: unknown, config = text, uri = 'file:///work/a%20b/config.yaml') {
  const refusals = reloadRefusalsOf({ jobs: [], refused } as JobsMessage);
  const found = await diagnose(configText(uri, config), { files, workspace: createWorkspace(), refusals });
  return found.map(({ code, severity, message, range }) => ({
    code,
    severity,
    message,
    at: config.slice(range.start, range.end),
  }));
}

const refusal = { configPath: path, code: 'model-load-failed', message: 'It cannot be loaded.' };

test('a refusal stands at the key that it is about, in the words of the worker', async () => {
  expect(await problems([{ ...refusal, key: 'batchSize' }])).toEqual([
    { code: 'reload-refused', severity: 'error', message: 'It cannot be loaded.', at: '4' },
  ]);
  const restart = { ...refusal, code: 'restart-needed', key: 'jobName' };
  expect(await problems([restart])).toMatchObject([
    { code: 'restart-needed', severity: 'warning', at: 'other' },
  ]);
});

test('it stands at the model where its key is none, or is not written', async () => {
  for (const key of [undefined, 'nonsense', 'version'])
    expect(await problems([{ ...refusal, key }])).toMatchObject([{ at: '/m' }]);
});

test('what the editor finds at that place by itself is not said twice', async () => {
  const broken = 'modelPath: /m\nbatchSize: many\n';
  const found = await problems([{ ...refusal, key: 'batchSize' }], broken);
  expect(found.map(({ code }) => code)).toEqual(['wrong-type']);
});

test('it concerns that config alone, and no document that is no file', async () => {
  expect(await problems([{ ...refusal, configPath: '/work/other.yaml' }])).toEqual([]);
  expect(await problems([refusal], text, 'untitled:config.yaml')).toEqual([]);
  expect(await problems([refusal], text, 'file://%')).toEqual([]);
});

test.each([undefined, null, 'x', [null], [{}], [{ configPath: 1, message: 'x', code: 'x' }]])(
  'what is no list of refusals is left out: %j',
  async (refused) => {
    expect(await problems(refused)).toEqual([]);
  },
);

test('refusals come from the heartbeats of workers on this machine', () => {
  const job = aJob();
  const [worker] = job.workers;
  const { registration } = worker as NonNullable<typeof worker>;
  const reload = {
    by: 'change',
    state: 'refused',
    at: 0,
    refusal: { code: 'c', key: 'batchSize', message: 'm' },
  } as const;
  const workers = [{ registration, heartbeat: { ...beat, reload } }];
  expect(refusedConfigs({ workers }, () => true)).toEqual([
    { configPath: registration.configPath, code: 'c', key: 'batchSize', message: 'm' },
  ]);
  expect(refusedConfigs({ workers }, () => false)).toEqual([]);
  expect(refusedConfigs(job, () => true)).toEqual([]);
});
