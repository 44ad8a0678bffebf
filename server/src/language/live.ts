import type { HostPort } from '../../../schemas/config/configKey.ts';

/** Where a Redis is, and how it is spoken to. */
export interface LiveAddress extends HostPort {
  readonly username?: string;
  readonly password?: string;
  readonly isSecure: boolean;
  /** The path of a file with the certificates that are trusted; without it they are those of the system. */
  readonly trustStore?: string;
}

/** Where a Kafka is, and how it is spoken to. */
export interface LiveKafka {
  /** Whichever answers is believed. */
  readonly brokers: readonly HostPort[];
  readonly sasl?: { readonly mechanism: string; readonly username: string; readonly password: string };
  readonly isSecure: boolean;
  /** As for a Redis. */
  readonly trustStore?: string;
}

/** A topic that no program of Kafka's own keeps. */
export interface KafkaTopic {
  readonly name: string;
  readonly partitions: number;
}

/** What a Flink cluster is doing. */
export interface FlinkOverview {
  readonly slots: number;
  readonly freeSlots: number;
  /** That run. */
  readonly jobs: number;
}

/** What is known of running services, fast or not at all. Nothing here throws. */
export interface Live {
  /** The names of the jobs that a Redis knows, which are those of their queues; undefined where it has not answered by
   *  the time of the signal. A question repeated soon gets the same answer. */
  queues(address: LiveAddress, signal: AbortSignal): Promise<readonly string[] | undefined>;
  /** The same for the topics of a Kafka, in the order of their names. */
  topics(address: LiveKafka, signal: AbortSignal): Promise<readonly KafkaTopic[] | undefined>;
  /** The same for a Flink cluster; null where there is none. */
  flink(address: HostPort, signal: AbortSignal): Promise<FlinkOverview | null | undefined>;
}
