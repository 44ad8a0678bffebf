import type { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { resultField, resultPrefix } from '../../../schemas/redis/redisKeys.ts';
import { fieldsOf, marksOf, takeResults } from '../../../server/src/queue/recordClient.ts';

const prefix = resultPrefix('digits');

/** As much of a Redis as waiting for results needs: hashes, read in pipelines. */
function createRedis(results: Readonly<Record<string, string | Buffer>> = {}) {
  const hashes = new Map(Object.entries(results).map(([uri, value]) => [prefix + uri, Buffer.from(value)]));
  const state = {
    hashes,
    reads: [] as string[][],
    failOn: undefined as string | undefined,
    onRead: () => undefined as unknown,
  };
  const redis = {
    pipeline() {
      const keys: string[] = [];
      const made = {
        hgetBuffer(key: string, field: string) {
          expect(field).toBe(resultField);
          keys.push(key);
          return made;
        },
        exec() {
          state.reads.push(keys);
          const replies = keys.map((key) => [
            key === state.failOn ? new Error('WRONGTYPE') : null,
            hashes.get(key) ?? null,
          ]);
          state.onRead();
          return Promise.resolve(replies);
        },
      };
      return made;
    },
    del: (...keys: string[]) => Promise.resolve(keys.filter((key) => hashes.delete(key)).length),
  };
  return { redis: redis as unknown as Redis, state };
}

const minute = 60_000;
const names = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `u${from + i}`);

describe('waiting for results', () => {
  test('takes its own and leaves those of others', async () => {
    const { redis, state } = createRedis({ a: 'A', b: 'B', other: 'O' });
    const found = await takeResults(redis, 'digits', ['a', 'b'], minute);
    expect([...found]).toEqual([
      ['a', 'A'],
      ['b', 'B'],
    ]);
    expect([...state.hashes.keys()]).toEqual([`${prefix}other`]);
  });

  test('finds those behind a thousand that never come', async () => {
    const late = names(2_500);
    const { redis, state } = createRedis({ u1000: 'x', u2499: 'y' });
    const found = await takeResults(redis, 'digits', late, 30);
    expect([...found.keys()].sort()).toEqual(['u1000', 'u2499']);
    expect(Math.max(...state.reads.map(({ length }) => length))).toBeLessThanOrEqual(1_000);
  });

  test('takes thousands that come in any order', async () => {
    const uris = names(3_001);
    const { redis, state } = createRedis();
    const coming = [...uris].reverse();
    state.onRead = () =>
      coming.splice(0, 700).forEach((uri) => state.hashes.set(prefix + uri, Buffer.from(uri)));
    const found = await takeResults(redis, 'digits', uris, minute);
    expect(found.size).toBe(3_001);
    expect(state.hashes.size).toBe(0);
  });

  test('is over at once where there is nothing to wait for', async () => {
    const { redis, state } = createRedis();
    expect((await takeResults(redis, 'digits', [], minute)).size).toBe(0);
    expect(state.reads).toEqual([]);
  });

  test('asks once for a name that is given twice', async () => {
    const { redis, state } = createRedis({ a: 'A' });
    expect([...(await takeResults(redis, 'digits', ['a', 'a'], minute))]).toEqual([['a', 'A']]);
    expect(state.reads).toEqual([[`${prefix}a`]]);
  });

  test.each(['__proto__', '', '\0', 'a\nb', '猫', '*', 'x'.repeat(10_000)])(
    'takes the result of %j',
    async (uri) => {
      const { redis, state } = createRedis();
      state.hashes.set(prefix + uri, Buffer.from('A'));
      expect((await takeResults(redis, 'digits', [uri], minute)).get(uri)).toBe('A');
    },
  );

  test('fails with what Redis answers for one of them', async () => {
    const { redis, state } = createRedis({ b: 'B' });
    state.failOn = `${prefix}a`;
    await expect(takeResults(redis, 'digits', ['a', 'b'], minute)).rejects.toThrow('WRONGTYPE');
  });
});

describe('the fields of a record', () => {
  test('are its name and its payload, and what it has beside them', () => {
    expect(fieldsOf({ uri: 'a', data: 'x' })).toEqual(['uri', 'a', 'data', 'x']);
    expect(marksOf({ serde: 'typed', wantsTyped: true, sharedBy: 0, traceparent: '' })).toHaveLength(8);
    expect(marksOf({ wantsTyped: false, traceparent: undefined })).toEqual([]);
  });

  test('keep bytes as they are', () => {
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    expect(fieldsOf({ uri: '', data: bytes })[3]).toEqual(bytes);
  });
});
