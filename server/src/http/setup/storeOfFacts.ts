import { ServingError } from '../../../../schemas/errors.ts';
import { configKeys, type Config } from '../../../../schemas/config/configKeys.ts';
import type { FrontendOptions } from '../../../../schemas/programs/frontendOptions.ts';
import { readBrokers } from '../../config/values/brokers.ts';
import type { RedisAddress } from '../../queue/redis/redisAddress.ts';
import type { StoreAddress } from '../../queue/storeAddress.ts';
import type { ServableFacts } from './servableFacts.ts';

/** Where the queue of a servable is. User, password and patience are the frontend's own, for servables-conf.yaml has no words for
 *  them. @throws ServingError "wrong-use" for addresses of brokers, or a way to sign in, that are none */
export function storeOfFacts(facts: ServableFacts, options: FrontendOptions): StoreAddress {
  if (facts.queueUsed !== 'kafka') return redisOfFacts(facts, options);
  const { value: brokers, trouble } = readBrokers(facts.kafkaUrl);
  if (!brokers)
    throw new ServingError('wrong-use', `kafkaUrl: ${trouble?.message ?? 'host:port is wanted.'}`);
  return {
    kind: 'kafka',
    brokers,
    timeoutMs: options.kafkaTimeout,
    sasl:
      options.kafkaUsername === ''
        ? undefined
        : {
            mechanism: mechanismOf(options.kafkaSaslMechanism),
            username: options.kafkaUsername,
            password: options.kafkaPassword,
          },
    tls: options.kafkaSecureEnabled
      ? {
          trustStorePath: options.kafkaSecureTrustStorePath,
          trustStorePassword: options.kafkaSecureTrustStorePassword,
        }
      : undefined,
    secretsAt: redisOfFacts(facts, options),
  };
}

function redisOfFacts(facts: ServableFacts, options: FrontendOptions): RedisAddress {
  return {
    host: facts.redisHost,
    port: facts.redisPort,
    username: options.redisUsername || undefined,
    password: options.redisPassword || undefined,
    timeoutMs: options.redisTimeout,
    tls: facts.redisSecureEnabled
      ? { trustStorePath: facts.redisTrustStorePath, trustStorePassword: facts.redisTrustStoreToken }
      : undefined,
  };
}

function mechanismOf(text: string): Config['kafkaSaslMechanism'] {
  const { values } = configKeys.kafkaSaslMechanism;
  const known = values.find((value) => value === text);
  if (known) return known;
  throw new ServingError('wrong-use', `kafkaSaslMechanism is ${values.join(', ')}, not "${text}".`);
}
