import type { Problem, ProblemCode, TextEdit } from '../../../../schemas/problems.ts';
import type { Context } from '../context.ts';
import { replace, replaceValue } from '../edits.ts';
import * as blankAtEnd from './blankAtEnd.ts';
import * as deadKey from './deadKey.ts';
import * as duplicateKey from './duplicateKey.ts';
import * as jobName from './jobName.ts';
import * as keyCase from './keyCase.ts';
import * as literalPassword from './literalPassword.ts';
import * as modelPathMissing from './modelPathMissing.ts';
import * as nestedForm from './nestedForm.ts';
import * as noEffect from './noEffect.ts';
import * as notSupportedYet from './notSupportedYet.ts';
import * as olderName from './olderName.ts';
import * as overriddenKey from './overriddenKey.ts';
import * as recordSecret from './recordSecret.ts';
import { fix as fixSyntax } from './syntax.ts';
import * as unknownKey from './unknownKey.ts';

interface Rule {
  check(context: Context): Problem[];
}

/** The rules on a text that could be read. What a single value may be is decided by its reader in values/. */
export const rules: readonly Rule[] = [
  unknownKey,
  keyCase,
  olderName,
  nestedForm,
  deadKey,
  duplicateKey,
  overriddenKey,
  noEffect,
  modelPathMissing,
  blankAtEnd,
  literalPassword,
  recordSecret,
  jobName,
  notSupportedYet,
];

type Fix = (problem: Problem, text: string) => TextEdit[];

const fixes: Partial<Record<ProblemCode, Fix>> = {
  'unknown-key': unknownKey.fix,
  'key-case': keyCase.fix,
  'older-name': olderName.fix,
  'nested-form': nestedForm.fix,
  'dead-key': deadKey.fix,
  'duplicate-key': duplicateKey.fix,
  'blank-at-end': replace,
  'model-path-missing': modelPathMissing.fix,
  syntax: fixSyntax,
  'host-port-extra': replaceValue,
  'bad-host-port': replaceValue,
  'bad-size': replaceValue,
  'job-name-colon': replaceValue,
  'tab-indent': replace,
  'truncated-number': replaceValue,
  'bad-choice': replaceValue,
  'bad-image-resize': replaceValue,
  'bad-post-processing': replaceValue,
};

/** The edits that make a problem go away; none when that needs a human. Bytes outside the edits stay as they are.
 *  @param text  the text that the problem was found in */
export function fixProblem(problem: Problem, text: string): TextEdit[] {
  return fixes[problem.code]?.(problem, text) ?? [];
}
