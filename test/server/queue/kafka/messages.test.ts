import { murmur2 as reference } from '@platformatic/kafka';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  batchesOf,
  murmur2,
  partitionOf,
  sizeOf,
  toLibrary,
} from '../../../../server/src/queue/kafka/messages.ts';

it('puts a key where the clients of Kafka itself put it', () => {
  // From the tests of Kafka's own Utils.murmur2.
  const known: readonly (readonly [string, number])[] = [
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ];
  for (const [key, hash] of known) expect(murmur2(Buffer.from(key))).toBe(hash);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(murmur2(Buffer.from(bytes))).toBe(reference(Buffer.from(bytes)));
    }),
  );
});

it('gives every message a partition that there is', () => {
  fc.assert(
    fc.property(fc.option(fc.string(), { nil: undefined }), fc.integer({ min: 1, max: 20 }), (key, count) => {
      const partition = partitionOf(key, count);
      expect(partition >= 0 && partition < count).toBe(true);
      if (key !== undefined) expect(partitionOf(key, count)).toBe(partition);
    }),
  );
});

it('divides messages into portions that a broker takes whole, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1_500_000 }), { maxLength: 20 }), (sizes) => {
      const messages = sizes.map((size, at) => ({ topic: 't', value: Buffer.alloc(size), at }));
      const batches = batchesOf(messages);
      expect(batches.flat()).toEqual(messages);
      for (const batch of batches) {
        expect(batch.length).toBeGreaterThan(0);
        const bytes = batch.reduce((sum, one) => sum + sizeOf(one), 0);
        expect(batch.length === 1 || bytes <= 900_000).toBe(true);
      }
    }),
    { numRuns: 30 },
  );
});

it('keeps the difference between an empty value and none', () => {
  expect(toLibrary({ topic: 't', value: undefined }).value).toBeUndefined();
  expect(toLibrary({ topic: 't', value: '' }).value).toEqual(Buffer.alloc(0));
  const { key, headers, partition } = toLibrary({ topic: 't', key: 'ä', value: 'v', headers: { h: '1' } });
  expect(key).toEqual(Buffer.from('ä'));
  expect([...(headers ?? [])]).toEqual([[Buffer.from('h'), Buffer.from('1')]]);
  expect(partition).toBe(0);
});
