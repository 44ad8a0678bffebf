import { expect, test } from 'vitest';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import {
  isKafkaText,
  readStoreText,
  storeAddress,
  storeSentence,
  storeText,
} from '../../../server/src/queue/storeAddress.ts';

function addressOf(text: string) {
  const { config } = readConfig(`modelPath: /m\n${text}`, { env: (name) => `value of ${name}` });
  if (!config) throw new Error('a broken config');
  return storeAddress(config, '/configs');
}

test('a config without queueUsed is on Redis', () => {
  const address = addressOf('redisUrl: h:7000\n');
  expect(storeText(address)).toBe('h:7000');
  expect(storeSentence(address)).toBe('Redis at h:7000');
});

test('a config on Kafka names its brokers, how to sign in, and where its secrets are', () => {
  const address = addressOf(
    'queueUsed: kafka\nkafkaUrl: b1:9092, b2:19092\nkafkaUsername: u\nkafkaPassword: ${env:P}\n' +
      'kafkaSaslMechanism: SCRAM-SHA-512\nkafkaSecureEnabled: true\nkafkaSecureTrustStorePath: t.p12\nkafkaTimeout: 700\n',
  );
  expect(address).toMatchObject({
    kind: 'kafka',
    brokers: [
      { host: 'b1', port: 9092 },
      { host: 'b2', port: 19092 },
    ],
    sasl: { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'value of P' },
    tls: { trustStorePath: '/configs/t.p12', trustStorePassword: '' },
    timeoutMs: 700,
    secretsAt: { host: 'localhost', port: 6379 },
  });
  expect(storeText(address)).toBe('kafka://b1:9092,b2:19092');
  expect(storeSentence(address)).toBe('Kafka at b1:9092,b2:19092');
});

test('without a user it signs in as none', () => {
  expect(addressOf('queueUsed: kafka\n')).toMatchObject({ sasl: undefined, tls: undefined });
});

test.each(['h:1', 'kafka://h:1', 'kafka://b1:1,b2:2'])(
  'the text %s names the store that it came from',
  (text) => {
    const address = readStoreText(text);
    expect(address && storeText(address)).toBe(text);
    expect(isKafkaText(text)).toBe(text.startsWith('kafka'));
  },
);

test.each([
  ...['', 'h', 'kafka://', 'kafka://h', 'a:1,b:2', 'kafka://a:1,'],
  ...['h:0', 'h:65536', 'h:99999', 'kafka://a:1,b:65536', 'h:-1', 'h:1.5', 'h:', ':1', 'h:1 '],
])('%j names no store', (text) => {
  expect(readStoreText(text)).toBeUndefined();
});
