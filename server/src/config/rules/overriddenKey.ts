import type { Problem } from '../../../../schemas/config/problems.ts';
import { isSet, type Context } from '../context.ts';
import { problem } from '../problem.ts';
import type { Rule } from './rule.ts';

export const overriddenKey: Rule = { codes: ['overridden-key'], check };

function check(context: Context): Problem[] {
  const cores = context.values.coreNumberPerMachine;
  if (cores < 1) return [];
  return (['modelParallelism', 'threadPerModel'] as const).flatMap((key) => {
    const entry = context.chosen.get(key);
    if (!entry || !isSet(context, key)) return [];
    const effective =
      key === 'modelParallelism'
        ? `coreNumberPerMachine makes it ${cores}, unless the model is of OpenVINO`
        : `coreNumberPerMachine makes it 1, or ${cores} if the model is of OpenVINO`;
    return [problem('overridden-key', entry.keyRange, `${key} is not what counts: ${effective}.`, { key })];
  });
}
