import { notSupported } from '../../../../schemas/config/notSupported.ts';
import type { Problem } from '../../../../schemas/config/problems.ts';
import { isSet, type Context } from '../context.ts';
import { problem } from '../problem.ts';
import type { Rule } from './rule.ts';

export const notSupportedYet: Rule = { codes: ['not-supported-yet'], check };

function check(context: Context): Problem[] {
  return notSupported.flatMap(({ key, value, instead, backend }) => {
    if (backend !== undefined && backend !== context.values.backend) return [];
    const entry = context.chosen.get(key);
    const written = String(context.values[key]);
    if (!entry || !isSet(context, key) || !value.test(written)) return [];
    const message = `${key}: ${written} is not supported yet. ${instead}`;
    return [problem('not-supported-yet', entry.value.range, message, { key })];
  });
}
