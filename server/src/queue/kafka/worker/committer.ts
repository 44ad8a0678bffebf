import { apis } from '../kafkaApis.ts';
import type { KafkaClient } from '../kafkaClient.ts';
import { explainReply, isKafkaReply } from '../kafkaTrouble.ts';
import { replyOf } from '../kafkaCluster.ts';
import type { Patience } from '../../patience.ts';
import type { Membership } from './groupMember.ts';

/** What is to be committed of a partition. */
export interface Commit {
  readonly partition: number;
  readonly offset: bigint;
  readonly metadata: string;
}

/** Commits offsets with their notes, one request at a time. What comes while one is on its way goes together in the next. */
export interface Committer {
  /** Commits what has changed, soon: what is lost in between is answered twice, never lost. */
  soon(): void;
  /** Resolves when what there is now is committed. @throws ServingError "kafka-…" where it is not */
  now(): Promise<void>;
  /** Resolves when what there is now has been sent: it then arrives, whatever becomes of this process. */
  sent(): Promise<void>;
  close(): void;
}

export interface CommitterOptions {
  readonly client: KafkaClient;
  readonly group: string;
  readonly topic: string;
  /** Nothing is committed while there is none. */
  readonly membership: () => Membership | undefined;
  /** What there is to be committed now. */
  readonly commits: () => readonly Commit[];
  /** The group does not know this member any more. */
  readonly onLost: () => void;
  readonly patience: Patience;
}

/** Between two commits that nothing waits for. */
const everyMs = 5;
const lane = 'commit';

export function createCommitter(options: CommitterOptions): Committer {
  const { client, group, topic, patience } = options;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let last = -Infinity;
  let withoutNotes = false;
  let closed = false;
  /** What the group has, by partition. */
  let known = new Map<number, string>();
  let knownFor: Membership | undefined;

  async function commit(): Promise<void> {
    const membership = options.membership();
    if (!membership) return;
    if (membership !== knownFor) known = new Map();
    knownFor = membership;
    const textOf = ({ offset, metadata }: Commit) => `${offset} ${metadata}`;
    const commits = options.commits().filter((one) => known.get(one.partition) !== textOf(one));
    if (commits.length === 0) return;
    last = performance.now();
    const partitions = commits.map(({ partition, offset, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: -1,
      committedMetadata: withoutNotes ? '' : metadata,
    }));
    const { generation, memberId } = membership;
    const response = await client.askCoordinator(group, (send, request) =>
      send(
        { ...request, lane, byPart: true, subject: { group, topic } },
        apis.offsetCommit,
        group,
        generation,
        memberId,
        null,
        [{ name: topic, partitions }],
      ),
    );
    const hadNotes = !withoutNotes;
    let refused: Error | undefined;
    for (const { partitionIndex, errorCode } of response.topics.flatMap((one) => one.partitions)) {
      const reply = replyOf(errorCode);
      const committed = commits.find(({ partition }) => partition === partitionIndex);
      if (reply === 'NONE' && committed) known.set(partitionIndex, textOf(committed));
      // Its administrator allows less than the default.
      else if (reply === 'OFFSET_METADATA_TOO_LARGE' && hadNotes) withoutNotes = true;
      else refused ??= explainReply('Kafka', { group, topic }, reply);
    }
    if (refused) throw refused;
    // Those that were refused with their notes are not committed yet.
    if (hadNotes && withoutNotes) await commit();
  }

  /** One after the other. */
  function next(): Promise<void> {
    const before = running ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(commit);
    running = mine;
    mine.then(
      () => {
        patience.over();
        if (running === mine) running = undefined;
      },
      (error: unknown) => {
        if (running === mine) running = undefined;
        onFailed(error);
      },
    );
    return mine;
  }

  function onFailed(error: unknown): void {
    if (closed) return;
    if (isKafkaReply(error, 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION')) options.onLost();
    // The next membership begins with what is committed.
    else if (isKafkaReply(error, 'REBALANCE_IN_PROGRESS')) again();
    else void patience.after(error).then(again);
  }

  function again(): void {
    if (closed) return;
    timer ??= setTimeout(
      () => {
        timer = undefined;
        next().catch(() => undefined);
      },
      Math.max(0, last + everyMs - performance.now()),
    );
  }

  return {
    soon() {
      if (!running || performance.now() - last >= everyMs) again();
      else running.then(again, () => undefined);
    },
    now: next,
    async sent() {
      next().catch(() => undefined);
      // The request is written within this turn of the loop, if the connection is there.
      await new Promise((resolve) => setImmediate(resolve));
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
