import { hostPortText } from '../../../schemas/config/hostPortText.ts';
import type { Config } from '../../../schemas/config/configKeys.ts';
import { kafkaMark, storeName } from '../../../schemas/kafka/storeName.ts';
import { kafkaAddress, type KafkaAddress } from './kafka/kafkaAddress.ts';
import { redisAddress, type RedisAddress } from './redis/redisAddress.ts';

/** Where the queues of a config are, and how to speak with what holds them. */
export type StoreAddress = RedisAddress | KafkaAddress;

/** @param folder  the folder of the config file, which relative paths start from */
export function storeAddress(config: Config, folder: string): StoreAddress {
  return config.queueUsed === 'kafka' ? kafkaAddress(config, folder) : redisAddress(config, folder);
}

/** What names a store in reports and behind `--redis`: host:port of a Redis, `kafka://` and the addresses of the brokers. */
export function storeText(address: StoreAddress): string {
  if (address.kind === undefined) return `${address.host}:${address.port}`;
  return kafkaMark + address.brokers.map(hostPortText).join(',');
}

export function isKafkaText(text: string): boolean {
  return text.startsWith(kafkaMark);
}

/** The store that such a text names, with no user and no TLS; undefined for a text that names none. */
export function readStoreText(text: string): StoreAddress | undefined {
  const timeoutMs = 5_000;
  const addresses = text.replace(kafkaMark, '').split(',');
  const brokers = addresses.flatMap((one) => {
    const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(one) ?? [];
    const isPort = Number(port) >= 1 && Number(port) <= 65_535;
    return host === '' || !isPort ? [] : [{ host: host.replace(/^\[|\]$/g, ''), port: Number(port) }];
  });
  const [first] = brokers;
  if (!first || brokers.length < addresses.length) return undefined;
  if (isKafkaText(text)) return { kind: 'kafka', brokers, timeoutMs };
  return brokers.length === 1 ? { ...first, timeoutMs } : undefined;
}

/** What sentences say of a store: `Redis at host:port`, `Kafka at host:port,host:port`. */
export function storeSentence(address: StoreAddress): string {
  return storeName(storeText(address)).replace(' ', ' at ');
}
