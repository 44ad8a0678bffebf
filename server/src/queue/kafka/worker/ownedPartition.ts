import type { QueuedRecord } from '../../recordQueue.ts';
import type { FetchedMessage, FetchedPartition } from '../fetched.ts';
import { createDoneOffsets } from './doneOffsets.ts';
import { recordOfMessage } from './kafkaRecord.ts';
import { readNotes, writeNotes } from './partitionNotes.ts';
import { createSuspects } from './suspects.ts';

/** A partition while this worker has it: what is fetched and not handed out, what is handed out, and what is done. */
export interface OwnedPartition {
  readonly partition: number;
  /** Where the next fetch begins. */
  readonly position: bigint;
  /** Bytes that are fetched and not handed out. */
  readonly bufferedBytes: number;
  /** Whether a fetch is under way. */
  fetching: boolean;
  /** Records that were left behind by a worker that died, as far as they were handed out. */
  readonly takenOver: number;
  accept(fetched: FetchedPartition): void;
  /** The next records that may run together, in order; none while one is to run alone. */
  take(limits: { readonly count: number; readonly bytes: number }): readonly QueuedRecord[];
  /** The next record that is to run alone, if its turn has come: the least suspect first, so that workers that are killed again
   *  and again do not meet the same one each time. */
  takeSuspect(): QueuedRecord | undefined;
  /** How many deaths count against that record; undefined where there is none. */
  readonly leastDeaths: number | undefined;
  /** How many deaths had another cause than the record that the model had alone, as this partition has shown lately. */
  strayDeaths(now: number): number;
  /** @param hasAnswer  of the model */
  finish(offset: bigint, hasAnswer: boolean): void;
  /** What is to be committed.
   *  @param running  records that the model has @param ends  this worker gives the partition up */
  commit(
    running: readonly number[],
    more: { readonly amongOthers: boolean; readonly ends: boolean },
  ): { readonly offset: bigint; readonly metadata: string };
  /** Whether records were handed out beyond what is noted for the next owner. */
  readonly reachesFurther: boolean;
}

export interface OwnedPartitionOptions {
  readonly partition: number;
  /** What is committed, and its text. */
  readonly committed: bigint;
  readonly metadata: string;
  readonly now: () => number;
  /** This process, by a name that no other process has. */
  readonly life: string;
  /** The processes that are in the group now. */
  readonly present: ReadonlySet<string>;
  /** What the job's other partitions have shown of deaths that had another cause. */
  readonly strayElsewhere: (now: number) => number;
  /** Whether this worker has a record in flight from before it got the partition again. */
  readonly isHeld: (offset: bigint) => boolean;
}

/** How far ahead it is noted which records may be handed out: notes are then as rare as they can be, and what a worker may have
 *  left behind is known. */
const reachAhead = 1024;

export function createOwnedPartition(options: OwnedPartitionOptions): OwnedPartition {
  const { partition, now, isHeld } = options;
  const before = readNotes(Number(options.committed), options.metadata);
  const done = createDoneOffsets(Number(options.committed), before.answered);
  const suspects = createSuspects(before, {
    ownerLives: options.present.has(before.owner),
    strayElsewhere: options.strayElsewhere,
  });
  const ready: FetchedMessage[] = [];
  const suspected: FetchedMessage[] = [];
  let bufferedBytes = 0;
  let takenOver = 0;
  /** The first offset that was never handed out. */
  let handedOut = 0;
  /** What was handed out below this is no news to the next owner: the first commit says so before anything is. */
  let noted = Number(options.committed) + reachAhead;
  let end = Infinity;

  function handOut(message: FetchedMessage): QueuedRecord {
    const offset = Number(message.offset);
    bufferedBytes -= sizeOf(message);
    handedOut = Math.max(handedOut, offset + 1);
    const wasOut = offset < before.reach;
    if (wasOut) takenOver += 1;
    const deaths = suspects.deaths(offset, now());
    const alone = suspects.has(offset);
    return recordOfMessage(message, {
      partition,
      deliveries: wasOut || alone ? deaths + 2 : 1,
      deaths,
      alone,
    });
  }

  /** The least suspect of those whose turn has come. */
  function leastSuspect(): { readonly message: FetchedMessage; readonly deaths: number } | undefined {
    if (suspected.length === 0) return undefined;
    // What may run together goes first, and all suspects are to be known before one is chosen.
    const isComplete = done.position >= Math.min(before.reach, end);
    if (!isComplete || ready.some(({ offset }) => offset < before.reach)) return undefined;
    return suspected
      .map((message) => ({ message, deaths: suspects.deaths(Number(message.offset), now()) }))
      .reduce((a, b) => (b.deaths < a.deaths ? b : a));
  }

  return {
    partition,
    fetching: false,
    get position() {
      return BigInt(done.position);
    },
    get bufferedBytes() {
      return bufferedBytes;
    },
    get takenOver() {
      return takenOver;
    },
    get reachesFurther() {
      return handedOut > noted;
    },
    accept({ messages, next, end: until }) {
      end = Number(until);
      const fresh = messages.filter(({ offset }) => !done.isDone(Number(offset)) && offset >= done.position);
      done.see(
        fresh.map(({ offset }) => Number(offset)),
        Number(next),
      );
      for (const message of fresh) {
        if (isHeld(message.offset)) continue;
        bufferedBytes += sizeOf(message);
        (suspects.has(Number(message.offset)) ? suspected : ready).push(message);
      }
    },
    take({ count, bytes }) {
      let room = bytes;
      let taken = 0;
      while (taken < count && taken < ready.length && (taken === 0 || room > 0)) {
        room -= sizeOf(ready[taken] as FetchedMessage);
        taken += 1;
      }
      return ready.splice(0, taken).map(handOut);
    },
    takeSuspect() {
      const least = leastSuspect();
      if (!least) return undefined;
      suspected.splice(suspected.indexOf(least.message), 1);
      return handOut(least.message);
    },
    get leastDeaths() {
      return leastSuspect()?.deaths;
    },
    strayDeaths: (at) => suspects.strayDeaths(at),
    finish(offset, hasAnswer) {
      done.finish(Number(offset));
      if (suspects.has(Number(offset))) suspects.end(Number(offset), hasAnswer, now());
    },
    commit(running, { amongOthers, ends }) {
      if (handedOut > noted) noted = handedOut + reachAhead;
      const { committable } = done;
      const reach = ends ? handedOut : noted;
      // The next owner must know them as long as they are not done.
      const notes = {
        answered: done.answered(),
        reach: Math.max(reach, before.reach),
        running,
        owner: running.length > 0 ? options.life : '',
        amongOthers,
        ...suspects.notes(),
      };
      return { offset: BigInt(committable), metadata: writeNotes(committable, notes) };
    },
  };
}

function sizeOf({ key, value }: FetchedMessage): number {
  return (key?.length ?? 0) + (value?.length ?? 0) + 100;
}
