import {
  deadHeaders,
  deadPartitions,
  deadTopic,
  inputTopic,
  resultTopic,
} from '../../../../../schemas/kafka/kafkaTopics.ts';
import type { Answer } from '../../recordQueue.ts';
import type { FetchedMessage } from '../fetched.ts';
import type { KafkaClient } from '../kafkaClient.ts';
import { KafkaTrouble, isKafkaReply } from '../kafkaTrouble.ts';
import type { NewMessage } from '../messages.ts';
import { positionOf } from '../topicLog.ts';

export interface KafkaResultsOptions {
  readonly client: Pick<KafkaClient, 'fetch' | 'produce'>;
  readonly jobName: string;
  readonly workerId: string;
  readonly now: () => number;
  /** Makes the topics again that are gone. */
  readonly ensureTopics: () => Promise<void>;
}

/** Brokers end the connection of a client that sends more at once (`socket.request.max.bytes`), less what surrounds it. */
const maxRequestBytes = 100 * 1024 * 1024 - 65_536;
/** A fetch brings one message whatever its size; more would be of no use. */
const oneMessageBytes = 1;

/** Makes the function that writes answers and dead letters, acknowledged by all replicas. A letter is the message as it came: it is
 *  fetched again, since what is in flight does not keep it. */
export function createKafkaResults(
  options: KafkaResultsOptions,
): (answers: readonly Answer[]) => Promise<void> {
  const { client, jobName, workerId, now } = options;
  const topic = resultTopic(jobName);

  /** undefined where the topic does not have it any more. */
  async function original(id: string): Promise<FetchedMessage | undefined> {
    const position = positionOf(id);
    if (!position) return undefined;
    const place = { topic: inputTopic(jobName), ...position };
    const [part] = await client.fetch([place], { waitMs: 0, maxBytes: oneMessageBytes, lane: 'letters' });
    if (part?.error && !isKafkaReply(part.error, 'OFFSET_OUT_OF_RANGE')) throw part.error;
    return part?.messages.find(({ offset }) => offset === position.offset);
  }

  async function letterOf({ record, reason = '' }: Answer): Promise<NewMessage> {
    const message = await original(record.id).catch((error: unknown) => {
      if (isKafkaReply(error, 'UNKNOWN_TOPIC_OR_PARTITION')) return undefined;
      throw error;
    });
    const headers = [...(message?.headers ?? [])].map(([name, value]) => [name, value.toString()] as const);
    return {
      topic: deadTopic(jobName),
      partition: deadPartitions.letters,
      key: message?.key ?? record.uri,
      value: message?.value,
      headers: {
        ...Object.fromEntries(headers),
        [deadHeaders.reason]: reason,
        [deadHeaders.code]: reason.slice(0, Math.max(0, reason.indexOf(':'))),
        [deadHeaders.time]: String(Math.round(now())),
        [deadHeaders.deliveries]: String(record.deliveries),
        [deadHeaders.id]: record.id,
        [deadHeaders.worker]: workerId,
      },
    };
  }

  /** Where a letter with what it adds is larger than a message may be, it goes without the payload, which the topic of records has
   *  as long as its retention says. */
  async function writeLetter(letter: NewMessage): Promise<void> {
    try {
      await client.produce([letter]);
    } catch (error) {
      if (!(error instanceof KafkaTrouble) || error.code !== 'kafka-too-large') throw error;
      await client.produce([{ ...letter, value: undefined }]);
    }
  }

  return async (answers) => {
    const results: NewMessage[] = [];
    for (const { record, value } of answers) {
      if (value === undefined || record.uri === undefined) continue;
      if (value.length > maxRequestBytes)
        throw new KafkaTrouble('kafka-too-large', 'It is larger than any request that a broker takes.', {
          wasConnected: true,
        });
      results.push({ topic, key: record.uri, value });
    }
    try {
      for (const answer of answers)
        if (answer.reason !== undefined && answer.record.sharedBy === 1)
          await writeLetter(await letterOf(answer));
      if (results.length > 0) await client.produce(results);
    } catch (error) {
      // Another program has deleted a topic.
      if (isKafkaReply(error, 'UNKNOWN_TOPIC_OR_PARTITION'))
        await options.ensureTopics().catch(() => undefined);
      throw error;
    }
  };
}
