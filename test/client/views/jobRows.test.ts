import { expect, test } from 'vitest';
import { flowOf } from '../../../client/src/jobs/flow.ts';
import { short, span, type Row, type Translate } from '../../../client/src/views/figures.ts';
import { jobDetails, jobRow } from '../../../client/src/views/jobRows.ts';
import type { Heartbeat, JobReport } from '../../../schemas/jobEvents.ts';
import { aJob, beat } from '../aJob.ts';

/** English, as it is written. */
const t: Translate = (message, ...args) => message.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)]));
const ages = { yellowMs: 30_000, redMs: 60_000 };
const facts = { isHere: true, isPinned: false };
const details = (job: JobReport) =>
  jobDetails('id', job, flowOf(job, [{ at: 0, backlog: job.queue.waiting + job.queue.pending }]), t, ages);
const flat = (rows: readonly Row[]): readonly Row[] =>
  rows.flatMap((row) => [row, ...flat(row.children ?? [])]);
const busy = { waiting: 100, pending: 20, dead: 3, oldestAgeMs: 0 };

test('a row keeps its id while every figure changes', () => {
  const ids = (job: ReturnType<typeof aJob>) => [
    jobRow('id', job, t, facts).id,
    ...flat(details(job)).map(({ id }) => id),
  ];
  expect(ids(aJob({ queue: { ...busy, oldestAgeMs: 70_000 } }))).toEqual(ids(aJob()));
});

test('a job that does not take over a change is marked, and says why; the version is at the model', () => {
  const refusal = { code: 'model-damaged', key: 'modelPath', message: 'm.onnx is empty.' };
  const reload = { by: 'change', state: 'refused', at: 0, refusal } as const;
  const job = aJob();
  const [worker] = job.workers;
  const refused: JobReport = {
    ...job,
    workers: [{ ...worker, heartbeat: { ...beat, version: '3', reload } } as JobReport['workers'][number]],
  };
  const row = jobRow('id', refused, t, facts);
  expect([row.icon, row.description, row.tooltip]).toEqual([
    'warning',
    expect.stringContaining('not reloaded'),
    expect.stringContaining('m.onnx is empty. What was served before goes on.'),
  ]);
  expect(flat(details(refused)).map(({ description }) => description)).toContainEqual(
    expect.stringContaining('version 3'),
  );
});

test('a worker shows both versions of a rollout side by side, and how the answers of a shadow agree', () => {
  const inferenceMs = { p50: 1, p95: 2, p99: 3 };
  const rollout = {
    ...{ version: '2', percent: 10, isShadow: false, since: 0 },
    served: { version: '1', answered: 90, failed: 0, inferenceMs },
    next: { version: '2', answered: 10, failed: 1, inferenceMs },
  };
  const agreement = { compared: 10, agreed: 9, difference: 0.5, skipped: 0 };
  const shown = (more: Partial<Heartbeat>) => {
    const job = aJob();
    const [worker] = job.workers;
    const heartbeat = { ...beat, ...more };
    const workers = [{ ...worker, heartbeat } as JobReport['workers'][number]];
    return flat(details({ ...job, workers })).map(({ description }) => description);
  };
  expect(shown({ rollout })).toContainEqual(
    expect.stringContaining('version 2 on 10 %: 10 answered; version 1: 90'),
  );
  expect(shown({ rollout: { ...rollout, isShadow: true, agreement } })).toContainEqual(
    expect.stringContaining('version 2 as a shadow on 10 %: 9 of 10 agree'),
  );
  expect(shown({}).join()).not.toContain('%');
});

test('each state has an icon, and a job that cannot be asked about another', () => {
  const icon = (state: 'running' | 'failed' | 'full') => jobRow('id', aJob({ state }), t, facts).icon;
  expect([icon('running'), icon('failed'), icon('full')]).toEqual(['pass-filled', 'error', 'warning']);
  expect(jobRow('id', aJob(), t, { ...facts, trouble: 'Redis is away' })).toMatchObject({
    icon: 'debug-disconnect',
    description: 'Redis is away',
  });
});

test('a job that waits for its secret says what to do, and its worker lives', () => {
  const needs = { code: 'model-secret-missing', message: 'run secret set' } as const;
  const { workerId, jobName } = aJob().workers[0]?.registration ?? expect.fail('no worker');
  const early = { workerId, jobName, at: 1, state: 'waiting-for-secret', needs } as const;
  const workers = aJob().workers.map(({ registration }) => ({ registration, early }));
  const job = aJob({ state: 'waiting-for-secret', needs, workers });
  const row = jobRow('id', job, t, facts);
  expect(row).toMatchObject({ icon: 'key', context: 'running here embedded' });
  expect([row.description, row.tooltip].join()).toMatch(/waiting for the secret.*run secret set/s);
  const worker = flat(details(job)).find(({ id }) => id.includes('/worker/'));
  expect(worker?.icon).toBe('server-process');
});

test('a job that failed says why', () => {
  expect(jobRow('id', aJob({ state: 'failed', failure: 'out of memory' }), t, facts).description).toContain(
    'out of memory',
  );
});

test.each([
  [29_999, 'list-ordered'],
  [30_000, 'warning'],
  [60_000, 'error'],
])('a queue whose oldest record has waited for %i ms has the icon %s', (oldestAgeMs, icon) => {
  const rows = details(aJob({ queue: { ...busy, oldestAgeMs } }));
  expect(rows.find(({ context }) => context === 'queue')?.icon).toBe(icon);
});

test('a backlog is shown with the time that it needs at the present rate', () => {
  const rows = details(aJob({ queue: busy }));
  expect(rows.find(({ context }) => context === 'queue')?.description).toContain('drained in 12 s');
});

test('a worker says why its records do not share runs', () => {
  const [worker] = aJob().workers;
  const row = (sharing: Heartbeat['sharing']) => {
    const workers = worker ? [{ ...worker, heartbeat: { ...beat, ...(sharing ? { sharing } : {}) } }] : [];
    return details(aJob({ workers })).find(({ context }) => context === 'worker');
  };
  const apart = row({ shared: false, reason: 'Unique: it removes values' });
  expect(apart?.description).toContain('one record a run');
  expect(apart?.tooltip).toContain('Unique: it removes values');
  expect(row({ shared: true, reason: 'so' })?.description).not.toContain('one record a run');
  expect(row(undefined)?.tooltip).toBe('/logs/w1.log');
});

test('a dead worker is marked, and a job without a living one shows no model', () => {
  const [worker] = aJob().workers;
  const rows = worker ? details(aJob({ workers: [{ registration: worker.registration }] })) : [];
  expect(rows.map(({ context, icon }) => [context, icon])).toEqual([
    ['queue', 'list-ordered'],
    ['worker', 'error'],
  ]);
});

test('figures and times are short', () => {
  expect([950, 12_345, 1_234_567].map(short)).toEqual(['950', '12.3k', '1.2M']);
  expect([850, 12_000, 180_000, 7_200_000].map(span)).toEqual(['850 ms', '12 s', '3 min', '2 h']);
});

test('the model has a row for each input and output, the queue one for each figure', () => {
  const kinds = (kind: string) =>
    details(aJob({ queue: busy }))
      .find(({ context }) => context === kind)
      ?.children?.map(({ id }) => id);
  expect(kinds('model')).toEqual(['id/model/in/image', 'id/model/out/probabilities']);
  expect(kinds('queue')).toEqual(
    ['waiting', 'pending', 'dead', 'in', 'out', 'age', 'drain'].map((name) => `id/queue/${name}`),
  );
});

test('menus can distinguish a job of this machine from one of another, and one on Flink', () => {
  const context = (job: JobReport, isHere: boolean) =>
    jobRow('id', job, t, { isHere, isPinned: true }).context.split(' ');
  expect(context(aJob(), true)).toEqual(['running', 'here', 'embedded', 'pinned']);
  expect(context(aJob({ backend: 'flink' }), false)).toEqual(['running', 'elsewhere', 'flink', 'pinned']);
});
