import { apis } from '../kafkaApis.ts';
import type { KafkaClient } from '../kafkaClient.ts';
import { KafkaTrouble, explainReply, isKafkaReply } from '../kafkaTrouble.ts';
import { replyOf } from '../kafkaCluster.ts';
import type { Patience } from '../../patience.ts';
import {
  assign,
  readAssignment,
  readSubscription,
  writeAssignment,
  writeSubscription,
} from './assignment.ts';

/** A worker's place in the consumer group of its topic. */
export interface GroupMember {
  /** What commits are made with; undefined while the group does not know this member. */
  readonly membership: Membership | undefined;
  /** The group has said that this is no member any more, or the topic has changed: it joins again. */
  leaveAndJoin(): void;
  /** Leaves the group; its partitions go to others at once. */
  close(): Promise<void>;
}

export interface Membership {
  readonly memberId: string;
  readonly generation: number;
}

export interface GroupMemberOptions {
  readonly client: KafkaClient;
  readonly group: string;
  readonly topic: string;
  /** After how long without a sign of life the group gives the partitions to others, in ms. */
  readonly sessionMs: () => number;
  /** This process, by a name that no other process has. */
  readonly life: string;
  /** Called with the partitions of a new membership, and the processes that are in the group with it. */
  readonly onAssigned: (partitions: readonly number[], present: ReadonlySet<string>) => Promise<void>;
  /** Called before the partitions go. The membership still holds while this goes on, unless it is lost. */
  readonly onRevoked: (isLost: boolean) => Promise<void>;
  readonly patience: Patience;
}

/** Between two signs of life; a rebalance is seen as quickly. */
const beatMs = 1_000;
/** After this many beats the leader looks whether the topics have more partitions now. */
const beatsPerLook = 30;
/** Brokers take no shorter sessions unless they are set so (`group.min.session.timeout.ms`). */
const leastSessionMs = 6_000;
/** One name of how partitions are shared out, which all members of a group must know; it is Kafka's own. */
const protocol = 'range';
const lane = 'group';

const lostReplies = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'] as const;

export function createGroupMember(options: GroupMemberOptions): GroupMember {
  const { client, group, topic, patience } = options;
  let memberId = '';
  let membership: Membership | undefined;
  let isLeader = false;
  /** Partitions of all topics of the group, as the leader shared them out. */
  let shared = '';
  let sessionFloor = 0;
  let closed = false;
  let again = false;
  let wake: (() => void) | undefined;
  const ended = run();

  async function run(): Promise<void> {
    while (!hasClosed()) {
      let isLost = true;
      try {
        const { partitions, present } = await join();
        await options.onAssigned(partitions, present);
        patience.over();
        isLost = await beatUntilChange();
      } catch (error) {
        if (hasClosed()) return;
        await patience.after(error);
      }
      if (hasClosed()) return;
      if (isLost) membership = undefined;
      await options.onRevoked(isLost);
      membership = undefined;
    }
  }

  /** @returns the partitions of the topic that this member has now, and the processes that are members */
  async function join(): Promise<{ partitions: readonly number[]; present: ReadonlySet<string> }> {
    again = false;
    const sessionMs = Math.max(options.sessionMs(), sessionFloor);
    const joined = await client.askCoordinator(group, (send, request) =>
      // It waits until all members have joined or their sessions are over.
      send(
        { ...request, lane, deadlineMs: request.deadlineMs + 2 * sessionMs, byPart: true },
        apis.joinGroup,
        group,
        sessionMs,
        sessionMs,
        memberId,
        null,
        'consumer',
        [{ name: protocol, metadata: writeSubscription({ topics: [topic], life: options.life }) }],
      ),
    );
    const reply = replyOf(joined.errorCode);
    if (reply === 'MEMBER_ID_REQUIRED') {
      memberId = joined.memberId ?? '';
      return join();
    }
    if (reply === 'INVALID_SESSION_TIMEOUT' && sessionFloor === 0) {
      sessionFloor = leastSessionMs;
      return join();
    }
    if (reply === 'UNKNOWN_MEMBER_ID') memberId = '';
    if (reply !== 'NONE') throw explainReply('Kafka', { group }, reply);
    memberId = joined.memberId ?? '';
    isLeader = joined.leader === memberId;
    const assignments = isLeader ? await shareOut(joined.members) : [];
    const synced = await client.askCoordinator(group, (send, request) =>
      send(
        { ...request, lane, deadlineMs: request.deadlineMs + 2 * sessionMs },
        apis.syncGroup,
        group,
        joined.generationId,
        memberId,
        null,
        'consumer',
        protocol,
        assignments,
      ),
    );
    membership = { memberId, generation: joined.generationId };
    const { assignment, present } = readAssignment(synced.assignment);
    return { partitions: assignment.get(topic) ?? [], present: new Set(present) };
  }

  /** The group is one for the jobs of all topics: each member gets partitions of the topics that it wants. */
  async function shareOut(
    members: readonly { readonly memberId: string; readonly metadata?: Buffer | null }[],
  ): Promise<{ memberId: string; assignment: Buffer }[]> {
    const wanting = members.map((one) => ({
      memberId: one.memberId,
      ...readSubscription(one.metadata ?? Buffer.alloc(0)),
    }));
    const counts = await countPartitions([...new Set(wanting.flatMap(({ topics }) => topics))]);
    shared = JSON.stringify([...counts]);
    const present = wanting.map(({ life }) => life).filter((life) => life !== '');
    return [...assign(wanting, counts)].map(([member, assignment]) => ({
      memberId: member,
      assignment: writeAssignment({ assignment, present }),
    }));
  }

  async function countPartitions(names: readonly string[]): Promise<ReadonlyMap<string, number>> {
    client.forget();
    const topics = await client.topics([...names].sort());
    return new Map([...topics].map(([name, { leaders }]) => [name, leaders.length]));
  }

  /** Says that it lives until the membership ends. @returns whether it is lost; else others want to join */
  async function beatUntilChange(): Promise<boolean> {
    for (let beats = 1; ; beats += 1) {
      await sleep(Math.min(beatMs, options.sessionMs() / 3));
      if (hasClosed() || again) return again;
      try {
        await beat();
        if (isLeader && beats % beatsPerLook === 0 && (await hasChanged())) return false;
        patience.over();
      } catch (error) {
        if (hasClosed()) return false;
        if (isKafkaReply(error, 'REBALANCE_IN_PROGRESS')) return false;
        if (isKafkaReply(error, ...lostReplies)) {
          memberId = '';
          return true;
        }
        // A broker that is away or starts knows its groups when it is back.
        await patience.after(error);
      }
    }
  }

  async function beat(): Promise<void> {
    if (!membership) throw new KafkaTrouble('kafka-failed', 'no membership');
    const { generation, memberId: id } = membership;
    await client.askCoordinator(group, (send, request) =>
      send({ ...request, lane }, apis.heartbeat, group, generation, id),
    );
  }

  async function hasChanged(): Promise<boolean> {
    const names = (JSON.parse(shared) as [string, number][]).map(([name]) => name);
    return JSON.stringify([...(await countPartitions(names))]) !== shared;
  }

  function hasClosed(): boolean {
    return closed;
  }

  function sleep(ms: number): Promise<void> {
    if (again) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  return {
    get membership() {
      return membership;
    },
    leaveAndJoin() {
      again = true;
      wake?.();
    },
    async close() {
      closed = true;
      wake?.();
      const mine = membership;
      if (mine)
        await client
          .askCoordinator(group, (send, request) =>
            send({ ...request, lane: 'main' }, apis.leaveGroup, group, [{ memberId: mine.memberId }]),
          )
          .catch(() => undefined);
      // What it waits for may be an answer that only comes with the end of the connection.
      void ended;
    },
  };
}
