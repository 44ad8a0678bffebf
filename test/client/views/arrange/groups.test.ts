import { join } from 'node:path';
import { expect, test } from 'vitest';
import { groupsOf, type Grouping } from '../../../../client/src/views/arrange/groups.ts';
import type { ListedJob, ShownState } from '../../../../client/src/views/arrange/listedJob.ts';
import { english } from '../english.ts';

const work = join('/', 'work');
const roots = [{ name: 'work', path: work }];

function aListed(jobName: string, more: Partial<ListedJob> = {}): ListedJob {
  return { id: jobName, jobName, state: 'running', store: 'localhost:6379', ...more };
}

function inFolder(...parts: string[]): Partial<ListedJob> {
  return { configPath: join(...parts, 'config.yaml') };
}

function namesOf(jobs: readonly ListedJob[], grouping: Grouping, folders = roots) {
  return groupsOf(jobs, grouping, folders, english).map((group) => [
    group.row.label,
    group.jobs.map(({ jobName }) => jobName),
  ]);
}

test('jobs whose folders are in one folder are together, and those of other machines come last', () => {
  const jobs = [
    aListed('far'),
    aListed('b', inFolder(work, 'vision', 'b')),
    aListed('speech', inFolder(work, 'audio', 'deep', 'speech')),
    aListed('a', inFolder(work, 'vision', 'a')),
    aListed('top', inFolder(work, 'top')),
    aListed('root', inFolder(work)),
  ];
  expect(namesOf(jobs, 'folder')).toEqual([
    [join('audio', 'deep'), ['speech']],
    ['vision', ['b', 'a']],
    ['work', ['top', 'root']],
    ['On other machines', ['far']],
  ]);
});

test('with several folders in the workspace the label names which, and a path outside is whole', () => {
  const other = join('/', 'workshop');
  const jobs = [
    aListed('a', inFolder(work, 'x', 'a')),
    aListed('b', inFolder(other, 'x', 'b')),
    aListed('c', inFolder('/', 'elsewhere', 'x', 'c')),
  ];
  expect(namesOf(jobs, 'folder', [...roots, { name: 'shop', path: other }])).toEqual([
    [join('/', 'elsewhere', 'x'), ['c']],
    [join('shop', 'x'), ['b']],
    [join('work', 'x'), ['a']],
  ]);
});

test('the innermost folder of the workspace names a job', () => {
  const inner = { name: 'inner', path: join(work, 'inner') };
  expect(namesOf([aListed('a', inFolder(inner.path, 'a'))], 'folder', [...roots, inner])).toEqual([
    ['inner', ['a']],
  ]);
});

test('jobs of one Redis or of the same brokers are together', () => {
  const jobs = [
    aListed('a', { store: 'b:1' }),
    aListed('k', { store: 'kafka://x:9092,y:9092' }),
    aListed('c', { store: 'b:1' }),
    aListed('d', { store: 'a:1' }),
  ];
  expect(namesOf(jobs, 'store')).toEqual([
    ['Kafka x:9092,y:9092', ['k']],
    ['Redis a:1', ['d']],
    ['Redis b:1', ['a', 'c']],
  ]);
});

test('by state, what needs attention comes first', () => {
  const states: readonly ShownState[] = ['stopped', 'running', 'away', 'failed', 'running', 'full'];
  expect(
    namesOf(
      states.map((state, i) => aListed(String(i), { state })),
      'state',
    ),
  ).toEqual([
    ['failed', ['3']],
    ['Redis is full', ['5']],
    ['cannot be asked', ['2']],
    ['running', ['1', '4']],
    ['not running', ['0']],
  ]);
});

test('a group counts its jobs and is marked where some have failed; its id stays', () => {
  const rowOf = (states: readonly ShownState[], grouping: Grouping = 'store') =>
    groupsOf(
      states.map((state, i) => aListed(String(i), { state })),
      grouping,
      roots,
      english,
    )[0]?.row;
  const healthy = rowOf(['running']);
  const failed = rowOf(['running', 'failed', 'full']);
  expect([healthy?.description, healthy?.color]).toEqual(['1 job', undefined]);
  expect([failed?.description, failed?.color]).toEqual(['2 of 3 jobs failed', 'list.errorForeground']);
  expect(failed?.id).toBe(healthy?.id);
  // Its label says that already.
  expect(rowOf(['failed', 'failed'], 'state')).toMatchObject({ description: '2 jobs' });
});

test('rows of groups have ids of their own, whatever they are grouped by', () => {
  const jobs = [aListed('a', inFolder(work, 'x', 'a')), aListed('b', { store: 'x:1', state: 'failed' })];
  const ids = (['folder', 'store', 'state'] as const).flatMap((grouping) =>
    groupsOf(jobs, grouping, roots, english).map(({ row }) => row.id),
  );
  expect(new Set([...ids, ...jobs.map(({ id }) => id)]).size).toBe(8);
});
