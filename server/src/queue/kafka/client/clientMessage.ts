import { inputTopic, recordHeaders } from '../../../../../schemas/kafka/kafkaTopics.ts';
import { typedSerde } from '../../../../../schemas/redis/redisKeys.ts';
import { wholeOf } from '../../payload.ts';
import type { NewRecord } from '../../recordClient.ts';
import type { NewMessage } from '../topicLog.ts';

/** A record as its message: JSON as the original's clients write it, or the payload of the typed form with its fields in headers.
 *  @param deadline  of its result, in ms since 1970 */
export function messageOfRecord(jobName: string, record: NewRecord, deadline?: number): NewMessage {
  const { uri, serde, wantsTyped, sharedBy, version } = record;
  const data = wholeOf(record.data);
  const headers: Record<string, string> = {};
  if (deadline !== undefined) headers[recordHeaders.deadline] = String(Math.round(deadline));
  if (wantsTyped === true) headers[recordHeaders.reply] = typedSerde;
  if (sharedBy !== undefined) headers[recordHeaders.sharedBy] = String(sharedBy);
  if (version !== undefined) headers[recordHeaders.version] = version;
  const common = { topic: inputTopic(jobName), key: uri };
  if (typeof data !== 'string') {
    const own = { [recordHeaders.uri]: uri, [recordHeaders.serde]: serde ?? typedSerde };
    return { ...common, value: data, headers: { ...own, ...headers } };
  }
  return {
    ...common,
    value: JSON.stringify({ uri, data, ...(serde === undefined ? {} : { serde }) }),
    headers,
  };
}
