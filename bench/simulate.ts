/** A serving as a queueing network: workers that take, run and finish batches, and the Redis servers that they share. */
export interface Network {
  /** Copies of the model, spread evenly over the shards. */
  readonly copies: number;
  /** Redis servers; each runs everything on one thread. */
  readonly shards: number;
  readonly batch: number;
  /** Time of a shard's thread for one record, put in, taken, finished and read together, in µs. */
  readonly redisMicros: number;
  /** Time of a copy for one record: decoding, model, encoding, in µs. */
  readonly copyMicros: number;
}

const simulatedMicros = 5_000_000;

/** Plays some seconds of a network with an endless backlog. A copy takes its next batch while it runs the one before,
 *  as the workers do. @returns records a second */
export function simulate({ copies, shards, batch, redisMicros, copyMicros }: Network): number {
  const shardFree = new Float64Array(shards);
  // When a copy may begin with the batch that was taken for it.
  const taken = new Float64Array(copies);
  let answered = 0;
  const queue = Array.from({ length: copies }, (_, copy) => ({ copy, at: 0 }));
  for (;;) {
    // The copy that comes next is served next: Redis answers in the order in which it is asked.
    let next = queue[0];
    for (const each of queue) if (next === undefined || each.at < next.at) next = each;
    if (next === undefined || next.at > simulatedMicros) return (answered / simulatedMicros) * 1e6;
    const { copy } = next;
    const shard = copy % shards;
    const served = Math.max(shardFree[shard] ?? 0, next.at) + batch * redisMicros;
    shardFree[shard] = served;
    const begins = Math.max(next.at, taken[copy] ?? 0);
    taken[copy] = served;
    next.at = begins + batch * copyMicros;
    if (Math.max(begins, served) + batch * copyMicros <= simulatedMicros) answered += batch;
  }
}
