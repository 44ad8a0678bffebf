/** Where a Redis is, and how it is spoken to. */
export interface LiveAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly isSecure: boolean;
}

/** What can be told of running services, fast or not at all. Nothing here throws. */
export interface Live {
  /** The names of the jobs that a Redis knows, which are those of their queues; undefined where it has not answered by
   *  the time of the signal. Whoever asks again soon gets the same answer. */
  queues(address: LiveAddress, signal: AbortSignal): Promise<readonly string[] | undefined>;
}
