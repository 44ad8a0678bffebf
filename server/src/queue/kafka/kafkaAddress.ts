import { isAbsolute, resolve } from 'node:path';
import type { HostPort } from '../../../../schemas/config/configKey.ts';
import type { Config } from '../../../../schemas/config/configKeys.ts';
import { redisAddress, type RedisAddress } from '../redis/redisAddress.ts';

/** Where a Kafka is and how to speak with it. */
export interface KafkaAddress {
  readonly kind: 'kafka';
  /** At least one; the others are found by the first that answers. */
  readonly brokers: readonly HostPort[];
  readonly tls?: { readonly trustStorePath: string; readonly trustStorePassword: string } | undefined;
  readonly sasl?: KafkaSasl | undefined;
  /** How long a connection or a request may take, in ms. */
  readonly timeoutMs: number;
  /** What the brokers call this client; by it a worker is recognised among the members of the group. */
  readonly clientId?: string | undefined;
  /** The Redis that the secrets of encrypted models and records are put into, as in the original; undefined where it is not
   *  known. Nothing else is looked for there. */
  readonly secretsAt?: RedisAddress | undefined;
}

export interface KafkaSasl {
  readonly mechanism: Config['kafkaSaslMechanism'];
  readonly username: string;
  readonly password: string;
}

/** Where a config's Kafka is. @param folder  the folder of the config file, which relative paths start from */
export function kafkaAddress(config: Config, folder: string): KafkaAddress {
  const path = config.kafkaSecureTrustStorePath;
  return {
    kind: 'kafka',
    brokers: config.kafkaUrl,
    timeoutMs: config.kafkaTimeout,
    sasl:
      config.kafkaUsername === ''
        ? undefined
        : {
            mechanism: config.kafkaSaslMechanism,
            username: config.kafkaUsername,
            password: config.kafkaPassword?.reveal() ?? '',
          },
    tls: config.kafkaSecureEnabled
      ? {
          trustStorePath: path === '' || isAbsolute(path) ? path : resolve(folder, path),
          trustStorePassword: config.kafkaSecureTrustStorePassword?.reveal() ?? '',
        }
      : undefined,
    secretsAt: redisAddress(config, folder),
  };
}
