/** Where records wait and results go. The engine sees only this, so that another store (Kafka) can stand behind it.
 *  It belongs here: taking, answering, giving up, staying the owner of what is in hand.
 *  It does not: what a record means (the codec) and when to take (the engine). */
export interface RecordQueue {
  /** Makes the queue ready to be read, and answers nothing by itself. @throws ServingError "redis-…" */
  open(): Promise<void>;

  /** The next records, first what a dead worker left; [] when nothing came within `waitMs`.
   *  Survives a lost, frozen or restarted Redis by itself and then answers []. Only one call at a time.
   *  @param max  at most this many; fewer where they are large */
  take(max: number, waitMs: number): Promise<QueuedRecord[]>;

  /** Makes a `take` that waits answer at once, without losing what it may just be given. */
  wake(): Promise<void>;

  /** Writes the answers and acknowledges their records, all in one transaction; waits a Redis out that is away.
   *  A record that somebody else has answered meanwhile is left alone. */
  finish(answers: readonly Answer[]): Promise<void>;

  /** Tells that this worker lives and still works on what it has in hand. */
  keepAlive(): Promise<void>;

  /** Frees what every consumer group has acknowledged. */
  trim(): Promise<void>;

  /** Ends the connections; what is in hand stays pending and is taken over by another worker. */
  close(): Promise<void>;
}

export interface QueuedRecord {
  readonly id: string;
  /** When the client put it in, in ms since 1970, by the store's clock. */
  readonly enqueuedAt: number;
  /** The client's name for the record; undefined if the record has none. */
  readonly uri: string | undefined;
  /** Bytes where it is of the typed form. */
  readonly data: string | Buffer | undefined;
  readonly serde: string | undefined;
  /** The result is wanted in the typed form. */
  readonly wantsTyped: boolean;
  /** From then on, in ms since 1970, nobody waits for the answer; undefined if the client has set no such time. */
  readonly deadline: number | undefined;
  /** How many requests of an HTTP frontend share it; 1 for any other. */
  readonly sharedBy: number;
  /** How often the record was handed out, this time included. */
  readonly deliveries: number;
  /** The last delivery that the record gets is to be run alone, so that one that kills the worker takes no other with it. */
  readonly alone: boolean;
}

export interface Answer {
  readonly record: QueuedRecord;
  /** What the client reads; undefined where nobody waits any more: then the record is acknowledged and no result is
   *  written, since it would stay for ever. */
  readonly value: string | Buffer | undefined;
  /** Set when the record is given up: it is also kept as a dead letter with this reason, unless requests share it; these
   *  ask anew, each by itself, and only what was wrong with one of them is kept. */
  readonly reason?: string;
}
