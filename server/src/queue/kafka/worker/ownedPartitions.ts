import type { QueuedRecord } from '../../recordQueue.ts';
import type { Committed } from '../kafkaClient.ts';
import { createOwnedPartition, type OwnedPartition, type OwnedPartitionOptions } from './ownedPartition.ts';
import { readNotes } from './partitionNotes.ts';
import { freshStray } from './suspects.ts';

/** Where a worker begins with a partition. */
export type Beginning = Pick<OwnedPartitionOptions, 'partition' | 'committed' | 'metadata'>;

/** What is the same for all partitions of a worker. */
export interface OwnershipOptions extends Pick<OwnedPartitionOptions, 'now' | 'life' | 'present'> {
  readonly isHeld: (partition: number, offset: bigint) => boolean;
}

/** Makes the partitions that a worker has now. What one has shown of deaths with other causes counts in all.
 *  @param committed  of all partitions of the topic, also of those that other workers have */
export function ownPartitions(
  beginnings: readonly Beginning[],
  committed: ReadonlyMap<number, Committed>,
  { isHeld, ...options }: OwnershipOptions,
): ReadonlyMap<number, OwnedPartition> {
  const owned = new Map<number, OwnedPartition>();
  const mine = new Set(beginnings.map(({ partition }) => partition));
  const ofOthers = [...committed]
    .filter(([partition]) => !mine.has(partition))
    .map(([, { offset, metadata }]) => readNotes(Number(offset), metadata).stray);
  for (const beginning of beginnings) {
    const { partition } = beginning;
    const strayElsewhere = (now: number) => {
      const here = [...owned.values()].filter((one) => one.partition !== partition);
      return [
        ...here.map((one) => one.strayDeaths(now)),
        ...ofOthers.map((one) => freshStray(one, now)),
      ].reduce((sum, count) => sum + count, 0);
    };
    owned.set(
      partition,
      createOwnedPartition({
        ...options,
        ...beginning,
        strayElsewhere,
        isHeld: (offset) => isHeld(partition, offset),
      }),
    );
  }
  return owned;
}

/** The least suspect record of all partitions whose turn has come. One that is the only suspect of its partition is then not met by
 *  each of several deaths in turn. */
export function takeLeastSuspect(partitions: readonly OwnedPartition[]): QueuedRecord | undefined {
  let least: { readonly one: OwnedPartition; readonly deaths: number } | undefined;
  for (const one of partitions) {
    const deaths = one.leastDeaths;
    if (deaths !== undefined && (!least || deaths < least.deaths)) least = { one, deaths };
  }
  return least?.one.takeSuspect();
}
