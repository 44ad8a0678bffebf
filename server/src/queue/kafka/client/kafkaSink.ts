import type { RecordSink, TimedRecord } from '../../submitter.ts';
import { idOf, type TopicLog } from '../topicLog.ts';
import { messageOfRecord } from './clientMessage.ts';
import { appendRecords } from './kafkaRecords.ts';

export interface KafkaSinkOptions {
  /** Connects, where that is still to be done. */
  readonly connect: () => Promise<{ readonly log: TopicLog; readonly now: () => number }>;
  /** Resolves when the results of what is put in from now on are seen. */
  readonly followed: () => Promise<void>;
  readonly jobName: string;
}

/** Puts records into a job's topic. */
export function createKafkaSink({ connect, followed, jobName }: KafkaSinkOptions): RecordSink {
  async function put(records: readonly TimedRecord[]): Promise<readonly string[]> {
    await followed();
    const { log, now } = await connect();
    const messages = records.map(({ record, leftMs }) => messageOfRecord(jobName, record, now() + leftMs));
    return (await appendRecords(log, jobName, messages)).map(idOf);
  }

  return {
    put,
    async putLarge(record) {
      const [id = ''] = await put([record]);
      return id;
    },
    // They stay in the topic; workers pass over those whose deadline is over.
    remove: () => Promise.resolve(),
  };
}
