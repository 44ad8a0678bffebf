import { valueOf, type ConfigText } from '../../configText.ts';
import type { Files } from '../../files.ts';
import type { LiveAddress, LiveKafka } from '../../live.ts';

/** Where the Redis of a config is; undefined where the text alone is not enough: a value of the environment. */
export function redisOf(config: ConfigText, files: Files): LiveAddress | undefined {
  const { read } = config;
  const username = valueOf(read, 'redisUsername');
  const password = valueOf(read, 'redisPassword')?.reveal() ?? '';
  const security = securityOf(config, 'redis', files);
  if (isFromEnvironment(username, password) || !security) return undefined;
  return {
    ...valueOf(read, 'redisUrl'),
    ...security,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  };
}

/** The same of its Kafka. */
export function kafkaOf(config: ConfigText, files: Files): LiveKafka | undefined {
  const { read } = config;
  const username = valueOf(read, 'kafkaUsername');
  const password = valueOf(read, 'kafkaPassword')?.reveal() ?? '';
  const security = securityOf(config, 'kafka', files);
  if (isFromEnvironment(username, password) || !security) return undefined;
  const sasl = { mechanism: valueOf(read, 'kafkaSaslMechanism'), username, password };
  return { brokers: valueOf(read, 'kafkaUrl'), ...security, ...(username === '' ? {} : { sasl }) };
}

function securityOf({ uri, read }: ConfigText, store: 'redis' | 'kafka', files: Files) {
  const isSecure = valueOf(read, `${store}SecureEnabled`);
  const path = isSecure ? valueOf(read, `${store}SecureTrustStorePath`) : '';
  if (path === '') return { isSecure };
  const trustStore = isFromEnvironment(path) ? undefined : files.resolve(uri, path);
  return trustStore === undefined ? undefined : { isSecure, trustStore };
}

function isFromEnvironment(...texts: readonly string[]): boolean {
  return texts.some((text) => text.includes('${env:'));
}
