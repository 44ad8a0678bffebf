import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { frontendsOf, isReachable, knownFrontends } from '../../../client/src/jobs/http/knownFrontends.ts';
import { httpRow } from '../../../client/src/views/httpRow.ts';
import type { FrontendReport } from '../../../schemas/jobEvents.ts';

const report = (changes: Partial<FrontendReport> = {}): FrontendReport => ({
  frontendId: 'a',
  url: 'http://127.0.0.1:10020',
  host: hostname(),
  pid: 1,
  startedAt: 0,
  jobNames: ['digits'],
  redis: 'localhost:6379',
  ...changes,
});
const own = { configPath: '/work/config.yaml', jobName: 'digits', url: 'http://127.0.0.1:10020' };
const job = { redis: 'localhost:6379', jobName: 'digits', configPath: '/work/config.yaml' };
const t = (message: string, ...args: (string | number)[]) =>
  message.replace(/\{(\d)\}/g, (_, i: string) => String(args[Number(i)]));

test('a frontend of this window is one, before and after it appears in Redis', () => {
  const [before] = knownFrontends([], [own]);
  const after = knownFrontends([report()], [own]);
  expect(after).toHaveLength(1);
  expect(after[0]?.startedWith).toBe(own.configPath);
  expect(before && httpRow('job', before, t).id).toBe(after[0] && httpRow('job', after[0], t).id);
});

test('frontends of two machines that listen on the same address are two', () => {
  const both = knownFrontends([report(), report({ frontendId: 'b', host: 'far' })], [own]);
  expect(both.map(({ startedWith }) => startedWith)).toEqual([own.configPath, undefined]);
  const rows = both.map((frontend) => httpRow('job', frontend, t));
  expect(new Set(rows.map(({ id }) => id)).size).toBe(2);
  expect(rows.map(({ context }) => context)).toEqual(['http here', 'http elsewhere']);
  expect(rows[1]?.description).toContain('far');
});

test('a job has the frontends of its Redis that serve it, and the one that was started from its config', () => {
  const all = knownFrontends(
    [report(), report({ frontendId: 'b', redis: 'far:1' }), report({ frontendId: 'c', jobNames: ['other'] })],
    [],
  );
  expect(frontendsOf(job, all).map((one) => one.report?.frontendId)).toEqual(['a']);
  expect(frontendsOf(job, knownFrontends([], [own]))).toHaveLength(1);
  expect(frontendsOf({ ...job, configPath: '/other' }, knownFrontends([], [own]))).toEqual([]);
});

test('only a frontend that listens on more than the loopback is reached from another machine', () => {
  const reaches = (url: string) => isReachable({ url, report: report({ host: 'far', url }) });
  expect(['http://127.0.0.1:1', 'http://localhost:1', 'https://[::1]:1'].filter(reaches)).toEqual([]);
  expect(reaches('http://far:10020')).toBe(true);
});
