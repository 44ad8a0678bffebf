import { expect, test } from 'vitest';
import { completeLive } from '../../../server/src/language/features/complete/completeLive.ts';
import type { FlinkOverview, Live, LiveAddress } from '../../../server/src/language/live.ts';
import { atCursor, inMemory, workspaceOf } from './world.ts';

/** Services that know these jobs at each address, and have not answered at any other; and one Flink. */
function answering(
  jobs: Readonly<Record<string, readonly string[]>>,
  overview?: FlinkOverview | null,
): Live & { asked: LiveAddress[] } {
  const asked: LiveAddress[] = [];
  return {
    asked,
    queues(address) {
      asked.push(address);
      return Promise.resolve(jobs[`${address.host}:${address.port}`]);
    },
    flink: () => Promise.resolve(overview),
  };
}

async function completed(marked: string, live: Live) {
  const { config, offset } = atCursor(marked);
  const surroundings = {
    files: inMemory(),
    workspace: workspaceOf({ 'file:///other.yaml': 'modelPath: /m\nredisUrl: other:1\n' }),
    live,
  };
  const { items, isIncomplete } = await completeLive(config, offset, surroundings);
  const inOrder = [...items].sort((a, b) => a.rank - b.rank);
  return { items: inOrder, labels: inOrder.map(({ label }) => label), isIncomplete };
}

test('the jobs of the Redis of the config come behind what is known without it, each once', async () => {
  const live = answering({ 'r:7': ['alpha', 'serving'] });
  const { labels, isIncomplete } = await completed('redisUrl: r:7\njobName: $0\n', live);
  expect(labels.indexOf('alpha')).toBe(labels.length - 1);
  expect(labels.filter((label) => label === 'serving')).toHaveLength(1);
  expect(isIncomplete).toBe(false);
});

test('without an answer the rest of the list is there and marked incomplete', async () => {
  const { labels, isIncomplete } = await completed('redisUrl: r:7\njobName: $0\n', answering({}));
  expect(labels).toContain('serving');
  expect(isIncomplete).toBe(true);
});

test('an address shows the jobs that it knows', async () => {
  const live = answering({ 'localhost:6379': ['alpha'] });
  const { items } = await completed('redisUrl: $0\n', live);
  expect(items.find(({ label }) => label === 'localhost:6379')?.detail).toContain('alpha');
});

test('a password goes to the Redis of the config and to no other', async () => {
  const live = answering({});
  await completed('redisPassword: p\nredisUrl: $0localhost:6379\n', live);
  const told = live.asked.filter(({ password }) => password !== undefined);
  expect(told.map(({ host, port }) => `${host}:${port}`)).toEqual(['localhost:6379']);
  expect(live.asked.map(({ host }) => host)).toContain('other');
});

test.each([
  ['a cluster', { slots: 4, freeSlots: 1, jobs: 2 }, '1 of 4', false],
  ['no cluster', null, 'default', false],
  ['no answer', undefined, 'default', true],
])('an address of Flink shows %s', async (_what, overview, detail, isIncomplete) => {
  const told = await completed('backend: flink\nflinkRestUrl: $0\n', answering({}, overview));
  expect(told.items.find(({ label }) => label === 'localhost:8081')?.detail).toContain(detail);
  expect(told.isIncomplete).toBe(isIncomplete);
});

test('a trust store is found from the folder of the config', async () => {
  const live = answering({});
  await completed('redisSecureEnabled: true\nredisSecureTrustStorePath: ca.crt\njobName: $0\n', live);
  expect(live.asked).toMatchObject([{ isSecure: true, trustStore: '/work/serving/ca.crt' }]);
});

test.each(['redisPassword: ${env:P}\n', 'redisSecureEnabled: true\nredisSecureTrustStorePath: ${env:S}\n'])(
  'nothing is asked where the text lacks what is needed: %j',
  async (text) => {
    const live = answering({});
    expect((await completed(`${text}jobName: $0\n`, live)).isIncomplete).toBe(false);
    expect(live.asked).toEqual([]);
  },
);

test('nothing is asked for other keys', async () => {
  const live = answering({});
  await completed('modelPath: /m\nbackend: $0\n', live);
  expect(live.asked).toEqual([]);
});
