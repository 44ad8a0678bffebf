import { knownWordsWarning } from '../../../../schemas/encryption.ts';
import type { Problem } from '../../../../schemas/config/problems.ts';
import type { Context } from '../context.ts';
import { problem } from '../problem.ts';
import type { Rule } from './rule.ts';

export const recordSecret: Rule = { codes: ['record-secret'], check };

/** Whether there is a secret only Redis can say, which no config shows. */
function check({ chosen, values }: Context): Problem[] {
  const key = 'recordEncrypted';
  const entry = chosen.get(key);
  if (!entry || !values[key]) return [];
  return [problem('record-secret', entry.value.range, `${knownWordsWarning}.`, { key })];
}
