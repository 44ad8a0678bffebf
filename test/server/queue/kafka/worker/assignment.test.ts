import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  assign,
  readAssignment,
  readSubscription,
  writeAssignment,
  writeSubscription,
} from '../../../../../server/src/queue/kafka/worker/assignment.ts';

it('shares every partition out once, among the members that want the topic, as evenly as it goes', () => {
  const topics = ['a', 'b', 'c'];
  fc.assert(
    fc.property(
      fc.array(fc.subarray(topics), { minLength: 1, maxLength: 6 }),
      fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 }), fc.nat({ max: 9 })),
      (wishes, counts) => {
        const members = wishes.map((wanted, i) => ({ memberId: `m${i}`, topics: wanted }));
        const all = assign(members, new Map(topics.map((topic, i) => [topic, counts[i] ?? 0])));
        expect([...all.keys()]).toEqual(members.map(({ memberId }) => memberId));
        for (const [i, topic] of topics.entries()) {
          const takers = members.filter((one) => one.topics.includes(topic));
          const shares = takers.map(({ memberId }) => all.get(memberId)?.get(topic) ?? []);
          const given = shares.flat().sort((a, b) => a - b);
          expect(given).toEqual(takers.length === 0 ? [] : [...Array(counts[i]).keys()]);
          const sizes = shares.map(({ length }) => length);
          if (sizes.length > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        }
      },
    ),
  );
});

it('reads what it has written', () => {
  const name = fc.string({ minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.uniqueArray(name), fc.array(fc.nat()), (topics, partitions) => {
      const lives = topics.map((_, i) => `life${i}`);
      const subscription = { topics, life: lives[0] ?? '' };
      expect(readSubscription(writeSubscription(subscription))).toEqual(subscription);
      const given = { assignment: new Map(topics.map((topic) => [topic, partitions])), present: lives };
      expect(readAssignment(writeAssignment(given))).toEqual(given);
    }),
  );
});

it('takes bytes of another program, or none at all, as nothing', () => {
  expect(readSubscription(Buffer.alloc(0))).toEqual({ topics: [], life: '' });
  expect(readAssignment(Buffer.alloc(0))).toEqual({ assignment: new Map(), present: [] });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(readSubscription(Buffer.from(bytes)).life).toMatch(/^[0-9a-z]*$/);
      expect(readAssignment(Buffer.from(bytes)).assignment).toBeInstanceOf(Map);
    }),
  );
});

it('reads a subscription as the Java client writes it, with data of its own', () => {
  const java = Buffer.concat([
    Buffer.from([0, 1, 0, 0, 0, 1, 0, 3]),
    Buffer.from('job'),
    Buffer.from([0, 0, 0, 2, 9, 9, 0, 0, 0, 0]),
  ]);
  expect(readSubscription(java)).toEqual({ topics: ['job'], life: '' });
});
