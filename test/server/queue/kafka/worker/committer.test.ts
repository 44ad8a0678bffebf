import { afterEach, describe, expect, test } from 'vitest';
import type { KafkaClient } from '../../../../../server/src/queue/kafka/kafkaClient.ts';
import type { KafkaConnections } from '../../../../../server/src/queue/kafka/kafkaConnections.ts';
import { KafkaTrouble } from '../../../../../server/src/queue/kafka/kafkaTrouble.ts';
import {
  createCommitter,
  type Commit,
  type Committer,
} from '../../../../../server/src/queue/kafka/worker/committer.ts';
import { eventually } from '../../../../support/redis.ts';

const unknownTopic = 3;
const metadataTooLarge = 12;
const illegalGeneration = 22;
const rebalancing = 27;

interface Sent {
  readonly partitionIndex: number;
  readonly committedOffset: bigint;
  readonly committedMetadata: string;
}

/** A committer before a coordinator whose replies are in the test's hand. */
function start() {
  const state = {
    membership: { memberId: 'm', generation: 1 } as { memberId: string; generation: number } | undefined,
    commits: [] as Commit[],
    requests: [] as (readonly Sent[])[],
    /** The error code of a partition, in the request of this number. */
    replies: (() => 0) as (request: number, partition: number) => number,
    fails: undefined as Error | undefined,
    hold: undefined as Promise<void> | undefined,
    lost: 0,
    troubles: [] as unknown[],
    calm: 0,
  };
  const client: Pick<KafkaClient, 'askCoordinator'> = {
    async askCoordinator(_group, ask) {
      const send = async (...args: readonly unknown[]) => {
        const [{ partitions }] = args.at(-1) as [{ partitions: readonly Sent[] }];
        const request = state.requests.push(partitions);
        await state.hold;
        if (state.fails) throw state.fails;
        return {
          topics: [
            {
              name: 't',
              partitions: partitions.map(({ partitionIndex }) => ({
                partitionIndex,
                errorCode: state.replies(request, partitionIndex),
              })),
            },
          ],
        };
      };
      return ask(send as unknown as KafkaConnections['ask'], {} as Parameters<typeof ask>[1]);
    },
  };
  const committer = createCommitter({
    client: client as KafkaClient,
    group: 'g',
    topic: 't',
    membership: () => state.membership,
    commits: () => state.commits,
    onLost: () => (state.lost += 1),
    patience: {
      after(error) {
        state.troubles.push(error);
        state.fails = undefined;
        return Promise.resolve();
      },
      over: () => (state.calm += 1),
    },
  });
  open.push(committer);
  return { committer, state };
}

const open: Committer[] = [];
afterEach(() => open.splice(0).forEach((committer) => committer.close()));

const at = (partition: number, offset: number, metadata = `notes of ${offset}`): Commit => ({
  partition,
  offset: BigInt(offset),
  metadata,
});
const sent = (requests: readonly (readonly Sent[])[]) =>
  requests.map((one) =>
    one.map(({ partitionIndex, committedOffset, committedMetadata }) => [
      partitionIndex,
      committedOffset,
      committedMetadata,
    ]),
  );

describe('commits', () => {
  test('are of what has changed only, with the notes', async () => {
    const { committer, state } = start();
    state.commits = [at(0, 5), at(1, 7)];
    await committer.now();
    await committer.now();
    state.commits = [at(0, 5), at(1, 8)];
    await committer.now();
    state.commits = [at(0, 5, 'other notes'), at(1, 8)];
    await committer.now();
    expect(sent(state.requests)).toEqual([
      [
        [0, 5n, 'notes of 5'],
        [1, 7n, 'notes of 7'],
      ],
      [[1, 8n, 'notes of 8']],
      [[0, 5n, 'other notes']],
    ]);
  });

  test('are all made again by another membership, which knows nothing of the first', async () => {
    const { committer, state } = start();
    state.commits = [at(0, 5)];
    await committer.now();
    state.membership = { memberId: 'm', generation: 2 };
    await committer.now();
    expect(state.requests).toHaveLength(2);
  });

  test('are none without a membership', async () => {
    const { committer, state } = start();
    state.commits = [at(0, 5)];
    state.membership = undefined;
    await committer.now();
    expect(state.requests).toEqual([]);
  });

  test('go one after the other, and what comes meanwhile goes together in the next', async () => {
    const { committer, state } = start();
    let release = (): void => undefined;
    state.hold = new Promise((resolve) => (release = resolve));
    state.commits = [at(0, 1)];
    const first = committer.now();
    await eventually('the first request', () => Promise.resolve(state.requests.length === 1));
    state.commits = [at(0, 2)];
    const second = committer.now();
    state.commits = [at(0, 3), at(1, 9)];
    expect(state.requests).toHaveLength(1);
    release();
    await Promise.all([first, second]);
    expect(sent(state.requests).slice(1)).toEqual([
      [
        [0, 3n, 'notes of 3'],
        [1, 9n, 'notes of 9'],
      ],
    ]);
  });

  test('that nothing waits for are made soon', async () => {
    const { committer, state } = start();
    for (let offset = 1; offset <= 50; offset++) {
      state.commits = [at(0, offset)];
      committer.soon();
    }
    await eventually('the last offset', () =>
      Promise.resolve(state.requests.at(-1)?.[0]?.committedOffset === 50n),
    );
    expect(state.requests.length).toBeLessThan(50);
  });

  test('are made without notes where the broker allows less of them, and are made before it is said that they are', async () => {
    const { committer, state } = start();
    state.replies = (request) => (request === 1 ? metadataTooLarge : 0);
    state.commits = [at(0, 5), at(1, 7)];
    await committer.now();
    expect(sent(state.requests).at(-1)).toEqual([
      [0, 5n, ''],
      [1, 7n, ''],
    ]);
  });

  test('without notes are of those partitions only that were refused', async () => {
    const { committer, state } = start();
    state.replies = (request, partition) => (request === 1 && partition === 1 ? metadataTooLarge : 0);
    state.commits = [at(0, 5), at(1, 7)];
    await committer.now();
    expect(sent(state.requests).slice(1)).toEqual([[[1, 7n, '']]]);
  });

  test('that a broker refuses with and without notes fail instead of being tried for ever', async () => {
    const { committer, state } = start();
    state.replies = () => metadataTooLarge;
    state.commits = [at(0, 5)];
    await expect(committer.now()).rejects.toMatchObject({ reply: 'OFFSET_METADATA_TOO_LARGE' });
  });

  test('that are refused fail, and are tried again by themselves', async () => {
    const { committer, state } = start();
    state.replies = (request) => (request === 1 ? unknownTopic : 0);
    state.commits = [at(0, 5)];
    await expect(committer.now()).rejects.toMatchObject({ code: 'kafka-topic-missing' });
    await eventually('the second try', () => Promise.resolve(state.calm > 0));
    expect(state.requests).toHaveLength(2);
    expect(state.troubles).toHaveLength(1);
  });

  test('that one partition refuses are known of the others, in whatever order the replies are', async () => {
    const { committer, state } = start();
    state.replies = (request, partition) => (request === 1 && partition === 0 ? unknownTopic : 0);
    state.commits = [at(0, 5), at(1, 7)];
    await expect(committer.now()).rejects.toMatchObject({ code: 'kafka-topic-missing' });
    await eventually('the second try', () => Promise.resolve(state.calm > 0));
    expect(sent(state.requests).slice(1)).toEqual([[[0, 5n, 'notes of 5']]]);
  });

  test('of a member that the group has put out say so, and are not tried again', async () => {
    const { committer, state } = start();
    state.replies = () => illegalGeneration;
    state.commits = [at(0, 5)];
    await expect(committer.now()).rejects.toMatchObject({ reply: 'ILLEGAL_GENERATION' });
    expect([state.lost, state.troubles.length]).toEqual([1, 0]);
  });

  test('during a rebalance are tried again, and are no trouble', async () => {
    const { committer, state } = start();
    state.replies = (request) => (request < 3 ? rebalancing : 0);
    state.commits = [at(0, 5)];
    await committer.sent();
    await eventually('the commit', () => Promise.resolve(state.calm > 0));
    expect([state.requests.length, state.lost, state.troubles.length]).toEqual([3, 0, 0]);
  });

  test('that lose their connection are tried again', async () => {
    const { committer, state } = start();
    state.fails = new KafkaTrouble('kafka-lost', 'gone', { wasConnected: true });
    state.commits = [at(0, 5)];
    committer.soon();
    await eventually('the commit', () => Promise.resolve(state.calm > 0));
    expect(state.troubles).toHaveLength(1);
  });

  test('are sent within the turn that asks for it', async () => {
    const { committer, state } = start();
    state.hold = new Promise(() => undefined);
    state.commits = [at(0, 5)];
    await committer.sent();
    expect(state.requests).toHaveLength(1);
  });

  test('end with the committer', async () => {
    const { committer, state } = start();
    state.fails = new KafkaTrouble('kafka-lost', 'gone');
    state.commits = [at(0, 5)];
    committer.soon();
    committer.close();
    await expect(committer.now()).rejects.toThrow('gone');
    expect([state.requests.length, state.troubles.length]).toEqual([1, 0]);
  });
});
