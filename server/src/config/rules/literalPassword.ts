import { configKeys } from '../../../../schemas/config/configKeys.ts';
import type { Problem } from '../../../../schemas/config/problems.ts';
import type { Context } from '../context.ts';
import { problem } from '../problem.ts';
import { hasEnv } from '../values/env.ts';
import type { Rule } from './rule.ts';

export const literalPassword: Rule = { codes: ['literal-password'], check };

function check({ chosen }: Context): Problem[] {
  return Array.from(chosen).flatMap(([key, { value }]) => {
    const isSecret = configKeys[key].type === 'secret';
    if (!isSecret || value.kind !== 'scalar' || value.text === '' || hasEnv(value.text)) return [];
    const message = `The password stands here for everyone to read; ${configKeys[key].example} takes it from the environment.`;
    return [problem('literal-password', value.range, message, { key })];
  });
}
