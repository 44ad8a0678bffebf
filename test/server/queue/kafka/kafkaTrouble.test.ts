import { describe, expect, test } from 'vitest';
import { ServingError } from '../../../../schemas/errors.ts';
import {
  KafkaTrouble,
  explainConnecting,
  explainReply,
  explainRequest,
  isKafkaReply,
  isMoving,
  kafkaTroubles,
  protocolErrorsOf,
  type Manner,
  type Seen,
} from '../../../../server/src/queue/kafka/kafkaTrouble.ts';

const place = 'broker-1:9092';
const nothing: Seen = { connected: false, answered: false, isKafka: false, timedOut: false };
const all: Seen = { connected: true, answered: true, isKafka: true, timedOut: false };
const plain: Manner = { timeoutMs: 750 };
const scram: Manner = { timeoutMs: 750, sasl: { mechanism: 'SCRAM-SHA-256' } };

/** An error of the client library, which puts what happened into errors of its own. */
function deep(fields: object, message = 'inner'): Error {
  const inner = Object.assign(new Error(message), fields);
  return new AggregateError([new Error('outer', { cause: inner }), new Error('second')], 'all failed');
}

describe('a connection that could not be made', () => {
  test.each<[string, Manner, Seen, Error, string, RegExp]>([
    ['where nothing listens', plain, nothing, deep({ code: 'ECONNREFUSED' }), 'kafka-refused', /kafkaUrl/],
    ['to an unknown host', plain, nothing, deep({ code: 'ENOTFOUND' }), 'kafka-dns', /advertised\.listeners/],
    ['while names are not resolved', plain, nothing, deep({ code: 'EAI_AGAIN' }), 'kafka-dns', /not known/],
    ['that is refused by name', scram, all, deep({ name: 'AuthenticationError' }), 'kafka-auth', /password/],
    [
      'that is refused by code',
      scram,
      all,
      deep({ code: 'PLT_KFK_AUTHENTICATION' }),
      'kafka-auth',
      /kafkaUsername/,
    ],
    [
      'to a port without TLS',
      { ...plain, tls: {} },
      { ...nothing, connected: true },
      deep({}, 'wrong version'),
      'kafka-tls',
      /wrong version/,
    ],
    [
      'without the user name that is wanted',
      plain,
      all,
      new Error('closed'),
      'kafka-auth',
      /without a user name/,
    ],
    [
      'that nothing answers',
      plain,
      { ...nothing, connected: true, timedOut: true },
      new Error('late'),
      'kafka-timeout',
      /750 ms/,
    ],
    [
      'to another kind of server',
      plain,
      { ...nothing, connected: true, answered: true },
      new Error('?'),
      'kafka-not-kafka',
      /kafkaSecureEnabled/,
    ],
    [
      'that answered something and then was late',
      plain,
      { ...all, timedOut: true },
      deep({}, 'half'),
      'kafka-failed',
      /half/,
    ],
    [
      'that fails otherwise',
      scram,
      all,
      new Error('why', { cause: new Error('the cause') }),
      'kafka-failed',
      /the cause/,
    ],
  ])('%s has its own code and says what to do', (_, manner, seen, error, code, says) => {
    const trouble = explainConnecting(place, manner, seen, error);
    expect(trouble).toMatchObject({ code, reply: undefined, wasConnected: false });
    expect(trouble.message).toMatch(says);
    expect(trouble.message).toContain(place);
  });

  test.each(['UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE'])(
    'by a mechanism that the port does not have (%s) names it',
    (apiId) => {
      const error = Object.assign(deep({ apiId }), { name: 'AuthenticationError' });
      expect(explainConnecting(place, scram, all, error).message).toContain('SCRAM-SHA-256');
      expect(explainConnecting(place, plain, all, error).message).toContain('kafkaSaslMechanism');
    },
  );

  test('keeps a sentence that is there already', () => {
    const known = new ServingError('trust-store-unreadable', 'no such file');
    expect(explainConnecting(place, plain, nothing, known)).toBe(known);
  });

  test.each([undefined, null, 'text', 7, {}])('explains %j, which is no error, too', (thrown) => {
    expect(explainConnecting(place, plain, nothing, thrown)).toMatchObject({ code: 'kafka-failed' });
  });
});

describe('an error reply', () => {
  test.each([
    ['TOPIC_AUTHORIZATION_FAILED', 'kafka-rights', true],
    ['GROUP_AUTHORIZATION_FAILED', 'kafka-rights', true],
    ['CLUSTER_AUTHORIZATION_FAILED', 'kafka-rights', true],
    ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'kafka-rights', true],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'kafka-topic-missing', true],
    ['UNKNOWN_TOPIC_ID', 'kafka-topic-missing', true],
    ['INCONSISTENT_TOPIC_ID', 'kafka-topic-missing', true],
    ['MESSAGE_TOO_LARGE', 'kafka-too-large', false],
    ['RECORD_LIST_TOO_LARGE', 'kafka-too-large', false],
    ['INVALID_TOPIC_EXCEPTION', 'kafka-failed', false],
    ['UNSUPPORTED_VERSION', 'kafka-too-old', true],
    ['NOT_ENOUGH_REPLICAS', 'kafka-unavailable', true],
    ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'kafka-unavailable', true],
    ['COORDINATOR_LOAD_IN_PROGRESS', 'kafka-unavailable', true],
    ['INVALID_REPLICATION_FACTOR', 'kafka-unavailable', true],
    ['CORRUPT_MESSAGE', 'kafka-failed', false],
    ['A_CODE_OF_A_LATER_KAFKA', 'kafka-failed', false],
    ['', 'kafka-failed', false],
  ])('%s is %s, and says whether it concerns the store as a whole', (reply, code, concernsAll) => {
    const trouble = explainReply('Kafka', { topic: 't', group: 'g' }, reply);
    expect(trouble).toMatchObject({ code, reply, wasConnected: true });
    expect(kafkaTroubles.concernAll(trouble)).toBe(concernsAll);
    expect(isKafkaReply(trouble, 'OTHER', reply)).toBe(true);
    expect(isKafkaReply(trouble, 'OTHER')).toBe(false);
  });

  test.each(['$&', '$1', "$'", '$TOPIC', '$REPLY', '__proto__', ''])(
    'names a topic called %j as it is',
    (topic) => {
      expect(explainReply('Kafka', { topic }, 'UNKNOWN_TOPIC_OR_PARTITION').message).toContain(`"${topic}"`);
      expect(explainReply('Kafka', { group: topic }, 'GROUP_AUTHORIZATION_FAILED').message).toContain(
        `"${topic}"`,
      );
    },
  );

  test('has what the broker says beside it, shortened', () => {
    const said = (detail?: string) => explainReply('Kafka', {}, 'CORRUPT_MESSAGE', detail).message;
    expect(said('bad checksum')).toContain('CORRUPT_MESSAGE: bad checksum');
    expect(said('')).toBe(said());
    expect(said('x'.repeat(10_000)).length).toBeLessThan(300);
  });
});

describe('a request that failed', () => {
  test('by a reply is explained by it, however deep the library has put it', () => {
    const error = deep({ apiId: 'MESSAGE_TOO_LARGE', serverErrorMessage: null });
    expect(protocolErrorsOf(error)).toMatchObject([{ apiId: 'MESSAGE_TOO_LARGE' }]);
    const trouble = explainRequest(place, { topic: 'digits' }, error);
    expect(trouble).toMatchObject({ code: 'kafka-too-large', reply: 'MESSAGE_TOO_LARGE' });
    expect(trouble.message).toMatch(/broker-1:9092.*"digits"/);
  });

  test('on messages that this Node.js cannot read says which topic has them', () => {
    const trouble = explainRequest(
      place,
      { topic: 'digits' },
      deep({ code: 'PLT_KFK_UNSUPPORTED_COMPRESSION' }),
    );
    expect(trouble.code).toBe('kafka-failed');
    expect(trouble.message).toMatch(/"digits".*zstd/);
  });

  test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])('because the connection ended by %s says so', (code) => {
    expect(explainRequest(place, {}, deep({ code }))).toMatchObject({
      code: 'kafka-lost',
      message: expect.stringContaining(`(${code})`) as string,
      wasConnected: true,
    });
  });

  test('for a reason that the library does not give is a lost connection', () => {
    const trouble = explainRequest(place, {}, new Error('closed'));
    expect(trouble.code).toBe('kafka-lost');
    expect(trouble.message).not.toContain('(');
  });

  test.each([new TypeError('undefined is not a function'), new RangeError('out of range')])(
    'by a bug is no trouble of Kafka: %s',
    (bug) => {
      expect(() => explainRequest(place, {}, bug)).toThrow(bug);
    },
  );

  test('keeps a sentence that is there already', () => {
    const known = new KafkaTrouble('kafka-rights', 'no');
    expect(explainRequest(place, {}, known)).toBe(known);
  });
});

test('what is done soon by another broker is distinguished from what is not', () => {
  const reply = (name: string) => new KafkaTrouble('kafka-unavailable', '', { reply: name });
  for (const name of ['NOT_LEADER_OR_FOLLOWER', 'NOT_COORDINATOR', 'NOT_CONTROLLER', 'FENCED_LEADER_EPOCH'])
    expect([name, isMoving(reply(name))]).toEqual([name, true]);
  for (const name of ['NOT_ENOUGH_REPLICAS', 'UNKNOWN_TOPIC_OR_PARTITION'])
    expect([name, isMoving(reply(name))]).toEqual([name, false]);
  expect(isMoving(new KafkaTrouble('kafka-lost', ''))).toBe(false);
  expect(isMoving(new Error('NOT_COORDINATOR'))).toBe(false);
  expect(kafkaTroubles.concernAll(new Error('a bug'))).toBe(false);
});
