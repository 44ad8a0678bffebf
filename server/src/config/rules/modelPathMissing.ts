import type { Problem } from '../../../../schemas/problems.ts';
import type { Context } from '../context.ts';
import { problem } from '../problem.ts';
import { hasEnv } from '../values/env.ts';

/** Silent when the text could not be read as a whole: the key may stand in the other part. */
export function check({ chosen, values, complete }: Context): Problem[] {
  if (!complete || values.modelPath !== '') return [];
  const entry = chosen.get('modelPath');
  const value = entry?.value;
  // A value that is there but was refused has a problem of its own.
  if (value && value.kind !== 'nothing' && (value.kind !== 'scalar' || hasEnv(value.text))) return [];
  const message = 'modelPath is not set: name the folder that holds the model.';
  return [
    problem('model-path-missing', entry?.keyRange ?? { start: 0, end: 0 }, message, { key: 'modelPath' }),
  ];
}
