import { recordHeaders } from '../../../../../schemas/kafka/kafkaTopics.ts';
import { typedSerde } from '../../../../../schemas/redis/redisKeys.ts';
import type { Payload } from '../../payload.ts';
import type { Message } from '../topicLog.ts';

/** What a client has said of a record. */
export interface StoredFields {
  readonly uri: string | undefined;
  readonly data: Payload | undefined;
  readonly serde: string | undefined;
}

/** The fields of a record's message, whatever its value is. The engine reads the same of it in `kafkaRecord.ts`. */
export function fieldsOfMessage({ key, value, headers }: Message): StoredFields {
  const named = headers.get(recordHeaders.uri)?.toString() ?? nameOf(key);
  if (headers.get(recordHeaders.serde)?.toString() === typedSerde)
    return { uri: named, data: value ?? undefined, serde: typedSerde };
  const { uri, data, serde } = jsonOf(value);
  return { uri: uri ?? named, data, serde };
}

export function uriOf(message: Message): string | undefined {
  return fieldsOfMessage(message).uri;
}

/** The Python client writes keys as JSON text, with quotes. */
function nameOf(key: Buffer | null): string | undefined {
  const text = key?.toString();
  if (text === undefined || text === '') return undefined;
  if (!/^".*"$/s.test(text)) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

function jsonOf(value: Buffer | null): Partial<Record<'uri' | 'data' | 'serde', string>> {
  try {
    const fields: unknown = JSON.parse(value?.toString() ?? '');
    if (typeof fields !== 'object' || fields === null) return {};
    const texts = Object.entries(fields).filter(([, text]) => typeof text === 'string');
    return Object.fromEntries(texts);
  } catch {
    return {};
  }
}
