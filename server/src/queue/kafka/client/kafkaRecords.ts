import { inputTopic, resultTopic, topicSettings } from '../../../../../schemas/kafka/kafkaTopics.ts';
import type { Letters } from '../admin/letters.ts';
import { describeLetter } from '../admin/letters.ts';
import { isKafkaReply } from '../kafkaTrouble.ts';
import type { Payload } from '../../payload.ts';
import type { RecordClient } from '../../store.ts';
import { idOf, type NewMessage, type TopicLog } from '../topicLog.ts';
import { messageOfRecord } from './clientMessage.ts';
import { createResultFollower, type ResultFollower } from './resultFollower.ts';

/** Of the newest dead letters, this many are looked at. */
const newestLetters = 1_000;
/** One look at the results waits for this long at most, in ms. */
const lookMs = 500;

export function createKafkaRecords(log: TopicLog, letters: Letters): RecordClient {
  const followers = new Map<string, ResultFollower>();
  /** Results that came while others were waited for, by job. */
  const early = new Map<string, Map<string, Payload>>();

  async function followerOf(jobName: string): Promise<ResultFollower> {
    const follower = followers.get(jobName) ?? createResultFollower(log, resultTopic(jobName));
    followers.set(jobName, follower);
    await follower.open();
    return follower;
  }

  async function readReasons(jobName: string): Promise<Map<string, string>> {
    const page = await letters.page(jobName, newestLetters, undefined);
    return new Map(
      [...page.letters].reverse().flatMap((letter) => {
        const { uri, reason } = describeLetter(letter, new Map());
        return uri === undefined ? [] : [[uri, reason]];
      }),
    );
  }

  return {
    async putRecords(jobName, records) {
      // From here on results are seen, however quick they are.
      await followerOf(jobName);
      const places = await appendRecords(
        log,
        jobName,
        records.map((record) => messageOfRecord(jobName, record)),
      );
      return places.map(idOf);
    },
    // A topic only grows; what is no longer awaited is answered all the same.
    takeBackRecords: () => Promise.resolve(0),
    async takeResults(jobName, uris, deadlineMs) {
      const end = performance.now() + deadlineMs;
      const follower = await followerOf(jobName);
      const kept = early.get(jobName) ?? new Map<string, Payload>();
      early.set(jobName, kept);
      const missing = new Set(uris);
      const found = new Map<string, Payload>();
      const take = (uri: string, value: Payload) => {
        if (missing.delete(uri)) found.set(uri, value);
        else if (!found.has(uri)) kept.set(uri, value);
      };
      for (const uri of uris) {
        const value = kept.get(uri);
        if (value === undefined) continue;
        kept.delete(uri);
        take(uri, value);
      }
      while (missing.size > 0 && performance.now() < end) {
        const waitMs = Math.max(1, Math.min(lookMs, Math.round(end - performance.now())));
        for (const { uri, value } of await follower.next(waitMs)) take(uri, value);
      }
      return found;
    },
    readReason: async (jobName, uri) => (await readReasons(jobName)).get(uri),
    readReasons,
  };
}

/** Puts records in; the topic of a job that was never started is made. */
export async function appendRecords(log: TopicLog, jobName: string, messages: readonly NewMessage[]) {
  try {
    return await log.append(messages);
  } catch (error) {
    if (!isKafkaReply(error, 'UNKNOWN_TOPIC_OR_PARTITION')) throw error;
    await log.ensure(inputTopic(jobName), 1, topicSettings.input);
    return log.append(messages);
  }
}
