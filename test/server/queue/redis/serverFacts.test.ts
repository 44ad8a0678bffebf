import { describe, expect, test } from 'vitest';
import { ServingError } from '../../../../schemas/errors.ts';
import { requireSuitable, type ServerFacts } from '../../../../server/src/queue/redis/serverFacts.ts';

const address = { host: 'redis.example', port: 6380, timeoutMs: 5_000 };
const suitable: ServerFacts = { version: '7.2.4', mode: 'standalone', isReplica: false };

function refusal(facts: Partial<ServerFacts>): ServingError | undefined {
  try {
    requireSuitable(address, { ...suitable, ...facts });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ServingError);
    return error as ServingError;
  }
}

describe('a Redis', () => {
  test.each(['6.2', '6.2.0', '6.10.1', '7.0.0-rc1', '8.0', '10.1.2', '255.255.255'])(
    'of the version %s is new enough',
    (version) => expect(refusal({ version })).toBeUndefined(),
  );

  test.each(['2.8.24', '5.0.14', '6.0.20', '6.1.9', '3.10', '6'])(
    'of the version %s is too old, and both versions are named',
    (version) => {
      const error = refusal({ version });
      expect(error?.code).toBe('redis-too-old');
      expect(error?.message).toContain(version);
      expect(error?.message).toContain('6.2');
      expect(error?.message).toContain('redis.example:6380');
    },
  );

  test('that does not say its version is believed', () =>
    expect(refusal({ version: undefined })).toBeUndefined());

  test.each<[string, Partial<ServerFacts>]>([
    ['redis-sentinel', { mode: 'sentinel' }],
    ['redis-cluster', { mode: 'cluster' }],
    ['redis-replica', { isReplica: true }],
  ])('is refused with the code %s where it cannot keep a job', (code, facts) => {
    // What kind of server it is matters before how old it is: another version would not help.
    for (const version of ['7.2.4', '2.8.24', undefined]) {
      const error = refusal({ ...facts, version });
      expect(error?.code).toBe(code);
      expect(error?.message).toContain('redis.example:6380');
      expect(error?.message).toContain('redisUrl');
    }
  });

  test('of a cluster is named as one, though this node is a replica too', () =>
    expect(refusal({ mode: 'cluster', isReplica: true })?.code).toBe('redis-cluster'));
});
