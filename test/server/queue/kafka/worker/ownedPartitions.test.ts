import { expect, it } from 'vitest';
import type { FetchedPartition } from '../../../../../server/src/queue/kafka/fetched.ts';
import {
  ownPartitions,
  takeLeastSuspect,
} from '../../../../../server/src/queue/kafka/worker/ownedPartitions.ts';
import {
  noNotes,
  writeNotes,
  type PartitionNotes,
} from '../../../../../server/src/queue/kafka/worker/partitionNotes.ts';

const now = 1_700_000_000_000;

function own(mine: Readonly<Record<number, Partial<PartitionNotes>>>, ofOthers: typeof mine = {}) {
  const textOf = (notes: Partial<PartitionNotes>) => writeNotes(0, { ...noNotes, ...notes });
  const numbered = Object.entries({ ...mine, ...ofOthers });
  const committed = new Map(
    numbered.map(([partition, notes]) => [Number(partition), { offset: 0n, metadata: textOf(notes) }]),
  );
  const beginnings = Object.keys(mine).map((key) => ({
    partition: Number(key),
    committed: 0n,
    metadata: committed.get(Number(key))?.metadata ?? '',
  }));
  const owned = ownPartitions(beginnings, committed, {
    now: () => now,
    life: 'a1',
    present: new Set(),
    isHeld: () => false,
  });
  for (const [partition, one] of owned) one.accept(fetched(partition, 4));
  return [...owned.values()];
}

function fetched(partition: number, count: number): FetchedPartition {
  const messages = Array.from({ length: count }, (_, i) => ({
    offset: BigInt(i),
    timestamp: 5,
    key: Buffer.from(`k${i}`),
    value: Buffer.from('{"data":"d"}'),
    headers: new Map<string, Buffer>(),
  }));
  const end = BigInt(count);
  return { topic: 't', partition, messages, next: end, end, start: 0n, error: undefined };
}

it('runs the least suspect record of all partitions first, also where one is the only suspect of its own', () => {
  const partitions = own({
    0: { deaths: new Map([[2, 2]]) },
    1: { deaths: new Map([[0, 0], ...[1, 3].map((one) => [one, 1] as const)]) },
  });
  const order = Array.from({ length: 5 }, () => takeLeastSuspect(partitions)?.id);
  expect(order).toEqual(['1-0', '1-1', '1-3', '0-2', undefined]);
});

it('takes off in each partition what any partition has shown of deaths with another cause', () => {
  const stray = { count: 1, at: now };
  const old = { count: 3, at: now - 3_600_001 };
  const [first, second] = own(
    { 0: { deaths: new Map([[2, 5]]) }, 1: { stray, deaths: new Map([[0, 1]]) } },
    { 2: { stray }, 3: { stray: old } },
  );
  expect(first?.leastDeaths).toBe(3);
  // A record of the other partition that was run alone is answered: its death had another cause, too.
  expect(second?.takeSuspect()?.id).toBe('1-0');
  second?.finish(0n, true);
  expect(first?.takeSuspect()).toMatchObject({ id: '0-2', deaths: 2 });
});
