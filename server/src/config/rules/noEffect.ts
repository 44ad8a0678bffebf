import { keyNames, type KeyName } from '../../../../schemas/config/configKeys.ts';
import type { Problem } from '../../../../schemas/config/problems.ts';
import { isSet, type Context } from '../context.ts';
import { problem } from '../problem.ts';
import type { Rule } from './rule.ts';

export const noEffect: Rule = { codes: ['no-effect'], check };

interface Dependence {
  readonly keys: readonly KeyName[];
  readonly on: 'queueUsed' | 'redisSecureEnabled' | 'kafkaSecureEnabled' | 'kafkaUsername';
  /** The value that `on` must have; without it, any. */
  readonly being?: string;
}

const dependences: readonly Dependence[] = [
  { keys: keyNames.filter((key) => key.startsWith('kafka')), on: 'queueUsed', being: 'kafka' },
  {
    keys: [...keyNames.filter((key) => key.startsWith('redis')), 'resultTtlSeconds'],
    on: 'queueUsed',
    being: 'redis',
  },
  ...(['redis', 'kafka'] as const).map((store): Dependence => ({
    keys: [`${store}SecureTrustStorePath`, `${store}SecureTrustStorePassword`],
    on: `${store}SecureEnabled`,
    being: 'true',
  })),
  { keys: ['kafkaPassword', 'kafkaSaslMechanism'], on: 'kafkaUsername' },
];

/** Each key is reported once, by the first dependence that it lacks. */
function check(context: Context): Problem[] {
  const reported = new Set<KeyName>();
  return dependences.flatMap(({ keys, on, being }) => {
    if (hasWhatItNeeds(context, on, being)) return [];
    return keys.flatMap((key) => {
      const entry = context.chosen.get(key);
      if (!entry || !isSet(context, key) || reported.has(key) || isForSecrets(context, key)) return [];
      reported.add(key);
      const wanted = being === undefined ? on : `${on}: ${being}`;
      return [problem('no-effect', entry.keyRange, `${key} has no effect without ${wanted}.`, { key })];
    });
  });
}

function hasWhatItNeeds(context: Context, on: Dependence['on'], being: string | undefined): boolean {
  return being === undefined ? isSet(context, on) : String(context.values[on]) === being;
}

/** The secrets of encrypted models and records are in Redis, whatever the queue is. */
function isForSecrets({ values }: Context, key: KeyName): boolean {
  const isOfServer = key.startsWith('redis') && key !== 'redisMaxMemory';
  return values.queueUsed === 'kafka' && isOfServer && (values.modelEncrypted || values.recordEncrypted);
}
