import type { KeyName } from '../../../../schemas/config/configKeys.ts';
import type { Problem } from '../../../../schemas/config/problems.ts';
import { isSet, type Context } from '../context.ts';
import { problem } from '../problem.ts';
import type { Rule } from './rule.ts';

export const noEffect: Rule = { codes: ['no-effect'], check };

interface Dependence {
  readonly key: KeyName;
  readonly on: 'queueUsed' | 'redisSecureEnabled';
  readonly being: string;
}

const dependences: readonly Dependence[] = [
  { key: 'kafkaUrl', on: 'queueUsed', being: 'kafka' },
  { key: 'redisSecureTrustStorePath', on: 'redisSecureEnabled', being: 'true' },
  { key: 'redisSecureTrustStorePassword', on: 'redisSecureEnabled', being: 'true' },
];

function check(context: Context): Problem[] {
  return dependences.flatMap(({ key, on, being }) => {
    const entry = context.chosen.get(key);
    if (!entry || !isSet(context, key) || String(context.values[on]) === being) return [];
    return [problem('no-effect', entry.keyRange, `${key} has no effect without ${on}: ${being}.`, { key })];
  });
}
