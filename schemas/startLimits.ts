/** How long a start and its parts may take, in ms. Whatever waits for a start, or judges one, takes its number from here. */
export const startLimits = {
  /** From the start of a redis-server to its first answer. One that reads its data back in may take `readyMs`. */
  redisMs: 10_000,
  /** From the start of a Flink cluster to its free slots. */
  flinkClusterMs: 90_000,
  /** From the registration of a worker, or the submission of a job, to the first heartbeat: the model is brought, loaded and
   *  warmed. A worker that has not beaten by then counts as failed. */
  readyMs: 300_000,
  /** The runs that warm the model, a part of the time above. */
  warmUpMs: 45_000,
  /** How long the lock of a start outlives a start that was killed. It is renewed while the start lives. */
  lockMs: 15_000,
  /** How long a start waits for another that starts a Redis on the same port. */
  portMs: 30_000,
} as const;
