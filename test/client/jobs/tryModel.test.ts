import { expect, test } from 'vitest';
import { tryAnswerOf, tryModelOf } from '../../../client/src/jobs/tryModel.ts';
import { aJob, aWorker } from '../../web/monitor/aJob.ts';

const t = (message: string, ...args: (string | number)[]) => message.replace('{0}', String(args[0]));
const inputs = [{ name: 'image', type: 'float32', shape: [null, 3, 8, 8] }];

test('a job that runs says what its model takes, with the names of its classes and its usual times', () => {
  const worker = aWorker('a', { inference: 8 }, { inputs, batched: true });
  const labelled = { ...worker, registration: { ...worker.registration, labels: { p: ['zero', 'one'] } } };
  const model = tryModelOf('digits', aJob([labelled]), t);
  expect(model).toMatchObject({
    name: 'digits',
    path: '/predict',
    inputs,
    batched: true,
    labels: { p: ['zero', 'one'] },
  });
  expect(model.typicalMs?.inference).toBe(4);
  expect(model.refusal).toBeUndefined();
});

test('a job that does not run says so', () => {
  expect(tryModelOf('digits', undefined, t).refusal).toContain('No worker of "digits"');
  expect(tryModelOf('digits', aJob([]), t).refusal).toContain('No worker of "digits"');
});

test('what the command line prints becomes records, with the time that they took', () => {
  const lines = [
    { name: 'standard input', outputs: [] },
    { summary: { records: 1, failed: 0, seconds: 0.0123, recordsPerSecond: 81 } },
  ];
  expect(tryAnswerOf(lines)).toEqual({ records: [lines[0]], queueMs: 12.3 });
  expect(tryAnswerOf([])).toEqual({ records: [] });
});
