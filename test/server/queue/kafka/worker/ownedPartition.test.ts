import { describe, expect, it } from 'vitest';
import type { FetchedPartition } from '../../../../../server/src/queue/kafka/fetched.ts';
import {
  createOwnedPartition,
  type OwnedPartition,
} from '../../../../../server/src/queue/kafka/worker/ownedPartition.ts';
import {
  noNotes,
  readNotes,
  writeNotes,
} from '../../../../../server/src/queue/kafka/worker/partitionNotes.ts';

const all = { count: 100, bytes: 1_000_000 };

function own(committed = 0, notes = noNotes, held: readonly number[] = []): OwnedPartition {
  return createOwnedPartition({
    partition: 3,
    committed: BigInt(committed),
    metadata: writeNotes(committed, notes),
    now: () => 1_700_000_000_000,
    life: 'a1',
    present: new Set(['a1', 'b2']),
    strayElsewhere: () => 0,
    isHeld: (offset) => held.includes(Number(offset)),
  });
}

function fetched(offsets: readonly number[], next: number, end = next): FetchedPartition {
  return {
    topic: 't',
    partition: 3,
    messages: offsets.map((offset) => ({
      offset: BigInt(offset),
      timestamp: 5,
      key: Buffer.from(`"k${offset}"`),
      value: Buffer.from(JSON.stringify({ data: 'd' })),
      headers: new Map(),
    })),
    next: BigInt(next),
    end: BigInt(end),
    start: 0n,
    error: undefined,
  };
}

const idsOf = (records: readonly { readonly id: string }[]) => records.map(({ id }) => id);
const quiet = { amongOthers: false, ends: false };

describe('a partition of a worker', () => {
  it('hands records out in order, by number and by bytes, each once', () => {
    const partition = own();
    partition.accept(fetched([0, 1, 2, 3], 4));
    expect(idsOf(partition.take({ count: 2, bytes: 1_000_000 }))).toEqual(['3-0', '3-1']);
    expect(idsOf(partition.take({ count: 9, bytes: 1 }))).toEqual(['3-2']);
    expect(idsOf(partition.take(all))).toEqual(['3-3']);
    expect(partition.take(all)).toEqual([]);
    expect(partition.bufferedBytes).toBe(0);
  });

  it('names a record by its key without quotes', () => {
    const partition = own();
    partition.accept(fetched([0], 1));
    expect(partition.take(all)).toMatchObject([
      { uri: 'k0', data: 'd', enqueuedAt: 5, deliveries: 1, alone: false },
    ]);
  });

  it('commits what is done in order, and notes what is done beyond it', () => {
    const partition = own();
    partition.accept(fetched([0, 1, 2], 3));
    partition.take(all);
    partition.finish(1n, true);
    const { offset, metadata } = partition.commit([0, 2], quiet);
    expect(offset).toBe(0n);
    expect(readNotes(0, metadata)).toMatchObject({ answered: [{ from: 1, to: 2 }], running: [0, 2] });
    partition.finish(0n, true);
    expect(partition.commit([], quiet).offset).toBe(2n);
  });

  it('leaves nothing to be said when it ends with all done', () => {
    const partition = own();
    partition.accept(fetched([0, 1], 2));
    partition.take(all);
    partition.finish(0n, true);
    partition.finish(1n, true);
    expect(partition.commit([], { amongOthers: false, ends: true })).toEqual({ offset: 2n, metadata: '' });
  });

  it('says of records that may have been handed out before that they were', () => {
    const partition = own(0, { ...noNotes, reach: 2 });
    partition.accept(fetched([0, 1, 2], 3));
    expect(partition.take(all).map(({ deliveries }) => deliveries)).toEqual([2, 2, 1]);
    expect(partition.takenOver).toBe(2);
  });

  it('does not answer again what its owner before had answered, or what this worker still has', () => {
    const partition = own(0, { ...noNotes, answered: [{ from: 1, to: 2 }] }, [2]);
    partition.accept(fetched([0, 1, 2, 3], 4));
    expect(idsOf(partition.take(all))).toEqual(['3-0', '3-3']);
    partition.finish(0n, true);
    expect(partition.commit([], quiet).offset).toBe(2n);
    partition.finish(2n, true);
    expect(partition.commit([], quiet).offset).toBe(3n);
  });

  it('hands suspects out one by one behind what was left behind, the least suspect first', () => {
    const notes = {
      ...noNotes,
      reach: 4,
      running: [1],
      deaths: new Map([
        [1, 1],
        [3, 0],
      ]),
    };
    const partition = own(0, notes);
    partition.accept(fetched([0, 1], 2, 10));
    expect(partition.takeSuspect()).toBeUndefined();
    expect(idsOf(partition.take(all))).toEqual(['3-0']);
    // Not all of what was left behind has come.
    expect(partition.takeSuspect()).toBeUndefined();
    partition.accept(fetched([2, 3, 4], 5, 10));
    expect(idsOf(partition.take({ count: 1, bytes: 1 }))).toEqual(['3-2']);
    expect(partition.takeSuspect()).toMatchObject({ id: '3-3', deaths: 0, alone: true, deliveries: 2 });
    expect(partition.takeSuspect()).toMatchObject({ id: '3-1', deaths: 2, alone: true });
    expect(partition.takeSuspect()).toBeUndefined();
    expect(idsOf(partition.take(all))).toEqual(['3-4']);
  });

  it('keeps the deaths of a record until it is answered', () => {
    const partition = own(0, { ...noNotes, running: [0] });
    partition.accept(fetched([0], 1));
    expect(readNotes(0, partition.commit([], quiet).metadata).deaths).toEqual(new Map([[0, 1]]));
    expect(partition.takeSuspect()?.deaths).toBe(1);
    partition.finish(0n, true);
    const { offset, metadata } = partition.commit([], quiet);
    expect(offset).toBe(1n);
    expect(readNotes(1, metadata)).toMatchObject({ deaths: new Map(), stray: { count: 1 } });
  });

  it('notes which process has what runs, and nothing of it where nothing runs', () => {
    const partition = own();
    partition.accept(fetched([0], 1));
    partition.take(all);
    expect(readNotes(0, partition.commit([0], quiet).metadata)).toMatchObject({ running: [0], owner: 'a1' });
    expect(readNotes(0, partition.commit([], quiet).metadata).owner).toBe('');
  });

  it('suspects what a process had that is gone, and not what one had that is still in the group', () => {
    for (const [owner, alone] of [
      ['b2', false],
      ['c3', true],
      ['', true],
    ] as const) {
      const partition = own(0, { ...noNotes, running: [0], owner });
      partition.accept(fetched([0], 1));
      expect(partition.leastDeaths).toBe(alone ? 1 : undefined);
      expect((alone ? partition.takeSuspect() : partition.take(all)[0])?.alone).toBe(alone);
    }
  });

  it('notes how far records may be handed out ahead, so that this is rare', () => {
    const partition = own(100);
    const { offset, metadata } = partition.commit([], quiet);
    const { reach } = readNotes(Number(offset), metadata);
    expect(reach).toBeGreaterThan(1000);
    const most = Array.from({ length: reach - 100 }, (_, i) => 100 + i);
    partition.accept(fetched([...most, reach], reach + 1));
    partition.take({ count: most.length, bytes: 1_000_000 });
    expect(partition.reachesFurther).toBe(false);
    partition.take(all);
    expect(partition.reachesFurther).toBe(true);
    expect(readNotes(100, partition.commit([], quiet).metadata).reach).toBeGreaterThan(reach + 1000);
    expect(partition.reachesFurther).toBe(false);
  });
});
