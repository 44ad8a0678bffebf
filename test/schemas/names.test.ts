import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDurationCounter, durationBucketsMs } from '../../schemas/config/durations.ts';
import { flinkLogName, flinkWorkerPrefix } from '../../schemas/flinkJob.ts';
import {
  deadTopic,
  inputTopic,
  isTakenInKafka,
  maxJobNameInKafka,
  registryTopic,
  resultTopic,
} from '../../schemas/kafka/kafkaTopics.ts';
import { kafkaMark, storeName } from '../../schemas/kafka/storeName.ts';
import { percentOf } from '../../schemas/percent.ts';
import {
  answeredChannel,
  answeredPrefix,
  deadStream,
  flinkJobsKey,
  frontendsKey,
  heartbeatKey,
  recordSecretsKey,
  reloadKey,
  resultPrefix,
  runsKey,
  secretsKey,
  startLockKey,
  stopFrontendKey,
  stopKey,
  workersKey,
  writeProbeKey,
} from '../../schemas/redis/redisKeys.ts';
import { Secret } from '../../schemas/secret.ts';
import { shellWord } from '../../schemas/programs/shellWord.ts';
import { runs } from '../support/runs.ts';

const name = fc.oneof(
  fc.constantFrom(
    'a',
    'a:dead',
    'workers',
    '__proto__',
    'a b',
    '\ud83d',
    '\0',
    '9007199254740993',
    'x'.repeat(300),
  ),
  fc.string({ unit: fc.constantFrom('a', 'b', ':', '-', '_', ' ', '\u00fc'), minLength: 1, maxLength: 8 }),
);

describe('names in Redis', () => {
  const ofJob = [startLockKey, runsKey, answeredChannel];
  const ofId = [heartbeatKey, stopKey, reloadKey, stopFrontendKey];
  const fixed = [workersKey, flinkJobsKey, frontendsKey, writeProbeKey, secretsKey, recordSecretsKey];

  test('of one job or worker are those of no other, and of one kind those of no other', () => {
    fc.assert(
      fc.property(name, name, (a, b) => {
        const made = [...ofJob, ...ofId].flatMap((make) => [make(a), make(b)]);
        expect(new Set([...made, ...fixed]).size).toBe(
          (ofJob.length + ofId.length) * (a === b ? 1 : 2) + fixed.length,
        );
        for (const key of made) expect(key.startsWith('cluster-serving:')).toBe(true);
        expect(resultPrefix(a) === resultPrefix(b)).toBe(a === b);
        expect(deadStream(a) === deadStream(b)).toBe(a === b);
      }),
      runs(1_000),
    );
  });

  test('that the original has stay as they are, whatever is added', () => {
    expect([resultPrefix('serving_stream'), secretsKey, recordSecretsKey]).toEqual([
      'cluster-serving_serving_stream:',
      'model_secured',
      'record_secured',
    ]);
    expect(answeredChannel('a').startsWith(answeredPrefix)).toBe(true);
  });
});

describe('names in Kafka', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '_', '-', '.'), maxLength: 4 });
  const piece = fc.oneof(letters, fc.constantFrom('_dead', 'registry', 'cluster-serving_', 'dead'));
  const jobName = fc
    .array(piece, { minLength: 1, maxLength: 4 })
    .map((pieces) => pieces.join(''))
    .filter((job) => job !== '');

  test('of one job are those of no other job, nor the registry, but for names that are refused', () => {
    fc.assert(
      fc.property(jobName, jobName, (a, b) => {
        fc.pre(a !== b && !isTakenInKafka(a) && !isTakenInKafka(b));
        const topics = [a, b].flatMap((job) => [inputTopic(job), resultTopic(job), deadTopic(job)]);
        expect(new Set([...topics, registryTopic]).size).toBe(7);
      }),
      runs(4_000),
    );
  });

  test.each([
    // Each has a topic of the job "a", or the registry, for its own.
    ['a_dead', resultTopic('a_dead'), deadTopic('a')],
    ['cluster-serving_a', inputTopic('cluster-serving_a'), resultTopic('a')],
    ['cluster-serving_a_dead', inputTopic('cluster-serving_a_dead'), deadTopic('a')],
    ['registry', resultTopic('registry'), registryTopic],
    ['cluster-serving_registry', inputTopic('cluster-serving_registry'), registryTopic],
  ])('of a job %s would be %s, which is taken', (job, own, taken) => {
    expect(own).toBe(taken);
    expect(isTakenInKafka(job)).toBe(true);
  });

  test.each([
    'a',
    'dead',
    'a-dead',
    'a_dead_',
    'registry2',
    'my_registry',
    'cluster-serving',
    'a_cluster-serving_',
  ])('of a job %s are its own', (job) => {
    expect(isTakenInKafka(job)).toBe(false);
  });

  test('of the longest job fit into what Kafka takes, and of a longer one do not', () => {
    expect(deadTopic('j'.repeat(maxJobNameInKafka))).toHaveLength(249);
    expect(deadTopic('j'.repeat(maxJobNameInKafka + 1)).length).toBeGreaterThan(249);
  });

  test.each([
    ['h:1', 'Redis h:1'],
    ['kafka://h:1,i:2', 'Kafka h:1,i:2'],
    ['kafka:1', 'Redis kafka:1'],
    [kafkaMark, 'Kafka '],
    ['', 'Redis '],
  ])('a store %j is called %j', (store, called) => {
    expect(storeName(store)).toBe(called);
  });
});

test('a worker on Flink is of the job in its name, and of no job whose id only begins alike', () => {
  const id = 'a'.repeat(32);
  expect(`${flinkWorkerPrefix(id)}0`.startsWith(flinkWorkerPrefix(id))).toBe(true);
  expect(`${flinkWorkerPrefix(`${id}b`)}0`.startsWith(flinkWorkerPrefix(id))).toBe(false);
  expect(flinkLogName('a')).not.toBe(flinkLogName('b'));
});

describe('a secret', () => {
  const text = 'pass-word-7';
  const secret = new Secret(text);

  test.each<[string, string]>([
    ['text', String(secret)],
    ['part of a text', `a ${secret.toString()} b`],
    ['JSON', JSON.stringify({ a: secret, b: [secret] })],
    [
      'what a console shows',
      inspect({ a: secret, b: new Map([[secret, secret]]) }, { showHidden: true, depth: 9 }),
    ],
    ['its members', JSON.stringify([Object.keys(secret), Object.entries(secret), Object.assign({}, secret)])],
    ['an error', inspect(new Error(`no ${secret.toString()}`))],
  ])('is not in %s', (_, shown) => {
    expect(shown).not.toContain(text);
  });

  test('is given whole where it is asked for, whatever it is', () => {
    for (const one of [text, '', '***', '\0', '\ud83d', ' a ']) expect(new Secret(one).reveal()).toBe(one);
  });
});

describe('durations', () => {
  test('are counted each in the buckets of all bounds that they do not exceed', () => {
    const duration = fc.oneof(
      fc.constantFrom<number>(0, ...durationBucketsMs),
      fc.double({ min: 0, max: 70_000, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(duration, { maxLength: 60 }), (all) => {
        const counter = createDurationCounter();
        for (const ms of all) counter.add(ms);
        expect(counter.count).toBe(all.length);
        expect(counter.sumMs).toBeCloseTo(
          all.reduce((sum, ms) => sum + ms, 0),
          6,
        );
        expect(counter.buckets).toEqual(
          durationBucketsMs.map((bound) => all.filter((ms) => ms <= bound).length),
        );
      }),
      runs(500),
    );
  });

  test('that are read stay as they were while more are counted', () => {
    const counter = createDurationCounter();
    counter.add(1);
    const before = counter.buckets;
    counter.add(1);
    expect([before.at(-1), counter.buckets.at(-1)]).toEqual([1, 2]);
  });

  test('longer than the last bound are in no bucket, but counted', () => {
    const counter = createDurationCounter();
    counter.add(60_001);
    expect([counter.count, counter.sumMs, counter.buckets.at(-1)]).toEqual([1, 60_001, 0]);
  });
});

test.each([
  [0, '0 %'],
  [0.123456, '12 %'],
  [1e-7, '0.00001 %'],
  [1, '100 %'],
  [12.345, '1200 %'],
  [null, 'more than can be said'],
  [NaN, 'more than can be said'],
  [Infinity, 'more than can be said'],
])('a difference of %d is %s', (difference, text) => {
  expect(percentOf(difference)).toMatch(new RegExp(`^${text}(?: |$)`));
});

test('a word for a shell is one word for it, whatever is in it', () => {
  // What a POSIX shell reads: words without quotes, and quoted parts in which nothing is special.
  const read = (word: string) =>
    [...word.matchAll(/'([^']*)'|\\(.)|([\w@%+=:,./-]+)/gs)]
      .map(([, quoted, escaped, plain]) => quoted ?? escaped ?? plain)
      .join('');
  const pieces = fc.constantFrom(
    'a',
    "'",
    '"',
    '$(x)',
    '`x`',
    ' ',
    '\n',
    '\\',
    '*',
    '-',
    '~',
    '#',
    ';',
    '!',
    '\u00fc',
    '',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const text = parts.join('');
      const word = shellWord(text);
      expect(read(word)).toBe(text);
      expect(word).not.toBe('');
    }),
    runs(1_000),
  );
});
