import { expect, test } from 'vitest';
import { createJobStore, isUnhealthy, jobId, type Change } from '../../../client/src/jobs/jobStore.ts';
import { aJob } from '../aJob.ts';

function watched() {
  const store = createJobStore();
  const changes: Change[] = [];
  store.onChange((change) => changes.push(change));
  return { store, changes };
}

test('the first sight of a job changes the list, the next only the job', () => {
  const { store, changes } = watched();
  store.apply({ event: 'job', at: 1, job: aJob() });
  store.apply({ event: 'job', at: 2, job: aJob({ state: 'failed' }) });
  expect(changes).toEqual([{ kind: 'list' }, { kind: 'job', id: jobId(aJob()) }]);
  expect(store.jobs().map(({ state }) => state)).toEqual(['failed']);
});

test('jobs of one name on two Redis are two jobs', () => {
  const { store } = watched();
  store.apply({ event: 'job', at: 1, job: aJob({ redis: 'a:1' }) });
  store.apply({ event: 'job', at: 1, job: aJob({ redis: 'b:1' }) });
  store.apply({ event: 'gone', at: 2, jobName: aJob().jobName, redis: 'a:1' });
  expect(store.jobs().map(({ redis }) => redis)).toEqual(['b:1']);
});

test('a Redis that cannot be asked is reported once, until it can', () => {
  const { store, changes } = watched();
  const event = { event: 'redis', at: 1, redis: 'a:1', error: 'refused' } as const;
  store.apply(event);
  store.apply(event);
  expect(changes).toHaveLength(1);
  expect([...store.trouble()]).toEqual([['a:1', 'refused']]);
  store.apply({ ...event, error: null });
  expect(store.trouble().size).toBe(0);
});

test('forgetting a Redis leaves the jobs of the others', () => {
  const { store } = watched();
  store.apply({ event: 'job', at: 1, job: aJob({ redis: 'a:1' }) });
  store.apply({ event: 'job', at: 1, job: aJob({ redis: 'b:1' }) });
  store.forget('a:1');
  expect(store.jobs().map(({ redis }) => redis)).toEqual(['b:1']);
  store.forget();
  expect(store.jobs()).toEqual([]);
});

test('a config that does not say where its Redis is shows until it does', () => {
  const { store, changes } = watched();
  const event = { event: 'config', at: 1, configPath: '/work/config.yaml' } as const;
  store.apply({ ...event, error: null });
  store.apply({ ...event, error: 'X is not set' });
  store.apply({ ...event, error: 'X is not set' });
  expect([...store.trouble().values()]).toEqual(['X is not set']);
  store.apply({ ...event, error: null });
  expect(store.trouble().size).toBe(0);
  expect(changes).toHaveLength(2);
});

test('the frontends of a Redis are those that were reported last', () => {
  const { store, changes } = watched();
  const frontend = {
    frontendId: 'a',
    url: 'http://127.0.0.1:10020',
    host: 'here',
    pid: 1,
    startedAt: 0,
    jobNames: ['digits'],
  };
  for (const redis of ['a:1', 'b:1'])
    store.apply({ event: 'frontends', at: 1, redis, frontends: [{ ...frontend, redis }] });
  store.apply({ event: 'frontends', at: 2, redis: 'a:1', frontends: [] });
  expect(store.frontends().map(({ redis }) => redis)).toEqual(['b:1']);
  expect(changes).toHaveLength(3);
  store.forget('b:1');
  expect(store.frontends()).toEqual([]);
});

test('jobs that failed and jobs whose Redis is full need attention', () => {
  const states = ['starting', 'running', 'full', 'stopping', 'failed', 'stopped'] as const;
  expect(states.filter((state) => isUnhealthy(aJob({ state })))).toEqual(['full', 'failed']);
});

test('a Redis where nothing listens is no trouble until a job of it is known, one that wants a password is', () => {
  const { store } = watched();
  const event = { event: 'redis', at: 1, error: 'no' } as const;
  store.apply({ ...event, redis: 'a:1', code: 'redis-refused' });
  store.apply({ ...event, redis: 'b:1', code: 'redis-auth' });
  expect([...store.trouble().keys()]).toEqual(['b:1']);
  store.apply({ event: 'job', at: 2, job: aJob({ redis: 'a:1' }) });
  expect([...store.trouble().keys()]).toEqual(['a:1', 'b:1']);
});

test('a job that is being stopped from here is shown so until that is over, whatever is seen of it meanwhile', async () => {
  const store = createJobStore();
  const changes: string[] = [];
  store.onChange(({ kind }) => changes.push(kind));
  const job = aJob();
  store.apply({ event: 'job', at: 0, job });
  const failing = store.during([jobId(job)], 'stopping', () => {
    expect(store.announced(jobId(job))).toBe('stopping');
    store.apply({ event: 'job', at: 1, job });
    expect(store.announced(jobId(job))).toBe('stopping');
    return Promise.reject(new Error('it goes on'));
  });
  await expect(failing).rejects.toThrow('it goes on');
  expect(store.announced(jobId(job))).toBeUndefined();
  // It is drawn when it begins and when it ends.
  expect(changes.filter((kind) => kind === 'list')).toHaveLength(3);
});

const answers = (redis: string, at = 1) => ({ event: 'redis', at, redis, error: null }) as const;

test('the jobs of a Redis are current from its first answer to the watch until that stops', () => {
  const { store } = watched();
  store.apply({ event: 'job', at: 5, job: aJob({ redis: 'a:1' }) });
  expect(store.asOf('a:1')).toBe(5);
  store.apply(answers('a:1'));
  expect(store.asOf('a:1')).toBeUndefined();
  store.unwatched(9);
  expect(store.asOf('a:1')).toBe(9);
  expect(store.jobs()).toHaveLength(1);
});

test('jobs that were asked for while nothing is watched are of the time when they were asked for', () => {
  const { store } = watched();
  store.apply(answers('a:1'));
  store.unwatched(9);
  store.apply({ event: 'job', at: 20, job: aJob({ redis: 'a:1' }) });
  expect(store.asOf('a:1')).toBe(20);
});

test('a Redis that stops answering makes its own jobs old, and no others', () => {
  const { store, changes } = watched();
  store.apply(answers('a:1'));
  store.apply(answers('b:1'));
  const before = changes.length;
  store.apply({ event: 'redis', at: 7, redis: 'a:1', error: 'refused' });
  expect([store.asOf('a:1'), store.asOf('b:1')]).toEqual([7, undefined]);
  store.apply(answers('a:1', 8));
  expect(store.asOf('a:1')).toBeUndefined();
  expect(changes.length).toBe(before + 2);
});

test('a job that went while nothing was watched is gone when its Redis answers again, and those of others stay', () => {
  const { store } = watched();
  for (const redis of ['a:1', 'b:1']) store.apply({ event: 'job', at: 1, job: aJob({ redis }) });
  store.apply({ event: 'job', at: 1, job: aJob({ redis: 'a:1', jobName: 'stays' }) });
  store.apply(answers('a:1'));
  store.apply(answers('b:1'));
  store.unwatched(2);
  store.apply({ event: 'job', at: 3, job: aJob({ redis: 'a:1', jobName: 'stays' }) });
  store.apply(answers('a:1', 3));
  expect(store.jobs().map(jobId)).toEqual([
    jobId({ redis: 'a:1', jobName: 'stays' }),
    jobId({ redis: 'b:1', jobName: aJob().jobName }),
  ]);
});

test('a watch that loses its Redis for a while forgets no job of it', () => {
  const { store } = watched();
  store.apply({ event: 'job', at: 1, job: aJob({ redis: 'a:1' }) });
  store.apply(answers('a:1'));
  store.apply({ event: 'redis', at: 2, redis: 'a:1', error: 'refused' });
  store.apply(answers('a:1', 3));
  expect(store.jobs()).toHaveLength(1);
});
