import { expect, test } from 'vitest';
import { completeLive } from '../../../server/src/language/features/complete/completeLive.ts';
import type {
  FlinkOverview,
  KafkaTopic,
  Live,
  LiveAddress,
  LiveKafka,
} from '../../../server/src/language/live.ts';
import { atCursor, inMemory, workspaceOf } from './world.ts';

/** Services that know these jobs and topics at each address, and have not answered at any other; and one Flink. */
function answering(
  jobs: Readonly<Record<string, readonly string[]>>,
  overview?: FlinkOverview | null,
  topics: Readonly<Record<string, readonly KafkaTopic[]>> = {},
): Live & { asked: LiveAddress[]; askedKafka: LiveKafka[] } {
  const asked: LiveAddress[] = [];
  const askedKafka: LiveKafka[] = [];
  return {
    asked,
    askedKafka,
    topics(address) {
      askedKafka.push(address);
      return Promise.resolve(topics[address.brokers.map(({ host, port }) => `${host}:${port}`).join(',')]);
    },
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

const someTopics: readonly KafkaTopic[] = [
  { name: '__consumer_offsets', partitions: 50 },
  { name: 'cluster-serving_digits', partitions: 2 },
  { name: 'cluster-serving_digits_dead', partitions: 2 },
  { name: 'cluster-serving_registry', partitions: 1 },
  { name: 'digits', partitions: 2 },
  { name: 'one', partitions: 1 },
];

test('the topics of the Kafka of the config come behind jobName, and no Redis is asked', async () => {
  const live = answering({ 'localhost:6379': ['alpha'] }, null, { 'b:9092,c:9093': someTopics });
  const config = 'queueUsed: kafka\nkafkaUrl: b:9092,c:9093\njobName: $0\n';
  const { items, labels, isIncomplete } = await completed(config, live);
  expect(labels.slice(-2)).toEqual(['digits', 'one']);
  expect(labels.some((label) => label.startsWith('cluster-serving_') || label === 'alpha')).toBe(false);
  expect(items.slice(-2).map(({ detail }) => detail)).toEqual([
    'topic on b:9092,c:9093, 2 partitions',
    'topic on b:9092,c:9093, 1 partition',
  ]);
  expect(isIncomplete).toBe(false);
  expect(live.asked).toEqual([]);
});

test('without an answer of Kafka the list is marked incomplete, and a Redis config asks no Kafka', async () => {
  const live = answering({});
  expect((await completed('queueUsed: kafka\nkafkaUrl: b:1\njobName: $0\n', live)).isIncomplete).toBe(true);
  expect(live.askedKafka).toHaveLength(1);
  await completed('kafkaUrl: b:1\njobName: $0\n', live);
  expect(live.askedKafka).toHaveLength(1);
});

test('an address of Kafka shows its topics, and gets the password of that config only', async () => {
  const live = answering({}, null, { 'localhost:9092': someTopics });
  const marked =
    'queueUsed: kafka\nkafkaUsername: u\nkafkaPassword: p\nkafkaUrl: $0localhost:9092\njobName: a\n';
  const { items } = await completed(marked, live);
  expect(items.find(({ label }) => label === 'localhost:9092')?.detail).toContain('has digits, one');
  const signedIn = live.askedKafka.filter(({ sasl }) => sasl !== undefined);
  expect(signedIn.map(({ brokers }) => brokers)).toEqual([[{ host: 'localhost', port: 9092 }]]);
});

test.each([
  [
    'kafkaSecureEnabled: true\nkafkaSecureTrustStorePath: ca.crt\n',
    { isSecure: true, trustStore: '/work/serving/ca.crt' },
  ],
  ['kafkaSecureEnabled: true\n', { isSecure: true }],
  ['', { isSecure: false }],
  [
    'kafkaUsername: u\nkafkaPassword: p\nkafkaSaslMechanism: SCRAM-SHA-512\n',
    { sasl: { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p' } },
  ],
])('Kafka is asked as the config says: %j', async (text, wanted) => {
  const live = answering({});
  await completed(`queueUsed: kafka\nkafkaUrl: b:1\n${text}jobName: $0\n`, live);
  expect(live.askedKafka).toMatchObject([wanted]);
});

test.each([
  'kafkaUsername: u\nkafkaPassword: ${env:P}\n',
  'kafkaSecureEnabled: true\nkafkaSecureTrustStorePath: ${env:S}\n',
])('no Kafka is asked where the text lacks what is needed: %j', async (text) => {
  const live = answering({});
  const config = `queueUsed: kafka\nkafkaUrl: b:1\n${text}jobName: $0\n`;
  expect((await completed(config, live)).isIncomplete).toBe(false);
  expect(live.askedKafka).toEqual([]);
});
