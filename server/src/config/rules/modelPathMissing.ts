import type { Problem, TextEdit } from '../../../../schemas/config/problems.ts';
import type { Context } from '../context.ts';
import { replace } from '../edits.ts';
import { problem } from '../problem.ts';
import { hasEnv } from '../values/env.ts';
import { shown } from '../values/reading.ts';
import { mistypedModelPath } from './unknownKey.ts';
import type { Rule } from './rule.ts';

export const modelPathMissing: Rule = { codes: ['model-path-missing'], check, fix };

/** Silent when the text could not be read as a whole: the key may stand in the other part. Where a key was probably meant
 *  to be modelPath, that is the one problem. */
function check({ chosen, values, complete, entries }: Context): Problem[] {
  if (!complete || values.modelPath !== '') return [];
  const entry = chosen.get('modelPath');
  const value = entry?.value;
  // A value that is there but was refused has a problem of its own.
  if (value && value.kind !== 'nothing' && (value.kind !== 'scalar' || hasEnv(value.text))) return [];
  const key = 'modelPath';
  const mistyped = entry ? undefined : mistypedModelPath(entries);
  if (mistyped) {
    const { path, keyRange, replacement } = mistyped;
    const message = `modelPath is not set: no key is called ${shown(path)}; did you mean ${replacement}?`;
    return [problem('model-path-missing', keyRange, message, { key, replacement })];
  }
  const message = 'modelPath is not set: name the folder that holds the model.';
  return [problem('model-path-missing', entry?.keyRange ?? { start: 0, end: 0 }, message, { key })];
}

function fix(found: Problem): TextEdit[] {
  return replace(found);
}
