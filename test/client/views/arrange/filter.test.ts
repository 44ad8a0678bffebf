import { expect, test } from 'vitest';
import {
  filterText,
  isFilter,
  noFilter,
  passes,
  type Filter,
} from '../../../../client/src/views/arrange/filter.ts';
import type { ListedJob } from '../../../../client/src/views/arrange/listedJob.ts';
import { english } from '../english.ts';

const job: ListedJob = {
  id: 'cache:6380/Digits',
  jobName: 'Digits',
  state: 'failed',
  store: 'cache:6380',
  configPath: '/home/user/work/vision/digits/config.yaml',
  failure: 'The model is damaged.',
};
const inWorkspace = (path: string) => path.replace('/home/user/work/', '');
const has = (filter: Partial<Filter>, one = job) => passes({ ...noFilter, ...filter }, one, inWorkspace);

test.each([
  ['nothing', ''],
  ['spaces', '   '],
  ['a part of its name in other letters', 'dIGI'],
  ['its path in the workspace', 'vision/dig'],
  ['its Redis', 'redis cache:6380'],
  ['its failure', 'damaged'],
  ['words of several of these, in any order', ' 6380  vision digits '],
])('a job is found by %s', (_, text) => {
  expect(has({ text })).toBe(true);
});

test.each([
  ['a word that it lacks beside one that it has', 'digits speech'],
  ['what its path has above the workspace', 'home'],
  ['one word that only two of its texts have together', 'digitscache'],
  ['what a pattern would match', 'd.gits'],
])('a job is not found by %s', (_, text) => {
  expect(has({ text })).toBe(false);
});

test('a job has to be in one of the states that are chosen, and to have the words, too', () => {
  expect(has({ states: ['failed', 'full'] })).toBe(true);
  expect(has({ states: ['running'] })).toBe(false);
  expect(has({ states: ['failed'], text: 'speech' })).toBe(false);
});

test('a job of another machine is found by its name and its brokers', () => {
  const remote: ListedJob = {
    id: 'far',
    jobName: 'Digits',
    state: 'running',
    store: 'kafka://b1:9092,b2:9092',
  };
  expect(has({ text: 'kafka b2:9092 digits' }, remote)).toBe(true);
  expect(has({ text: 'config.yaml' }, remote)).toBe(false);
});

test('the view says how many of how many it shows, and why; without a filter it says nothing', () => {
  const counts = { shown: 2, all: 12 };
  const text = (filter: Partial<Filter>) => filterText({ ...noFilter, ...filter }, counts, english);
  expect(text({ text: ' dig ', states: ['failed', 'stopped', 'away'] })).toBe(
    '2 of 12: “dig”, failed, not running, cannot be asked',
  );
  expect(text({ states: ['running'] })).toBe('2 of 12: running');
  expect(text({ text: '  ' })).toBe('');
  expect([isFilter({ text: ' ', states: [] }), isFilter({ text: 'x', states: [] })]).toEqual([false, true]);
});
