import { describe, expect, test } from 'vitest';
import { hasMoved } from '../../../client/src/jobs/queues/hasMoved.ts';
import { aQueue } from '../aQueue.ts';

const [group] = aQueue().groups;
const withConsumer = (changes: { pending?: number; idleMs?: number }) => {
  const [consumer] = group?.consumers ?? [];
  return aQueue({
    groups: group && consumer ? [{ ...group, consumers: [{ ...consumer, ...changes }] }] : [],
  });
};

describe('other records may wait', () => {
  test.each([
    ['more wait', { waiting: 4, length: 4 }],
    ['fewer are pending', { pending: 0 }],
    ['one was given up', { dead: 1 }],
    ['as many came as went', { inPerSecond: 3 }],
    ['workers answer', { outPerSecond: 3 }],
  ])('when %s', (_, changes) => {
    expect(
      hasMoved(
        aQueue({ waiting: 3, pending: 2, length: 3 }),
        aQueue({ waiting: 3, pending: 2, length: 3, ...changes }),
      ),
    ).toBe(true);
  });

  test('when another consumer holds them', () => {
    expect(hasMoved(withConsumer({ pending: 1 }), withConsumer({ pending: 0 }))).toBe(true);
  });
});

test('records that only grow older are the same', () => {
  expect(
    hasMoved(aQueue({ waiting: 3, oldestAgeMs: 1_000 }), aQueue({ waiting: 3, oldestAgeMs: 9_000 })),
  ).toBe(false);
  expect(hasMoved(withConsumer({ idleMs: 100 }), withConsumer({ idleMs: 60_000 }))).toBe(false);
});
