import type { Problem, ProblemCode, TextEdit } from '../../../../schemas/config/problems.ts';
import { replace, replaceValue } from '../edits.ts';
import { blankAtEnd } from './text/blankAtEnd.ts';
import { deadKey } from './deadKey.ts';
import { duplicateKey } from './duplicateKey.ts';
import { jobName } from './jobName.ts';
import { keyCase } from './keyCase.ts';
import { literalPassword } from './literalPassword.ts';
import { modelPathMissing } from './modelPathMissing.ts';
import { nestedForm } from './nestedForm.ts';
import { noEffect } from './noEffect.ts';
import { notSupportedYet } from './notSupportedYet.ts';
import { olderName } from './olderName.ts';
import { overriddenKey } from './overriddenKey.ts';
import { recordSecret } from './recordSecret.ts';
import type { Correction, Rule } from './rule.ts';
import { fix as fixSyntax } from './text/syntax.ts';
import { topicName } from './topicName.ts';
import { unknownKey } from './unknownKey.ts';

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
  topicName,
  notSupportedYet,
];

/** What is done about problems that no rule reports but the readers of text and values. */
const corrections: readonly Correction[] = [
  { codes: ['syntax'], fix: fixSyntax },
  { codes: ['tab-indent'], fix: replace, isSafe: true },
  { codes: ['truncated-number'], fix: replaceValue, isSafe: true },
  {
    codes: [
      'host-port-extra',
      'bad-host-port',
      'bad-size',
      'bad-choice',
      'bad-image-resize',
      'bad-post-processing',
    ],
    fix: replaceValue,
  },
];

const byCode: ReadonlyMap<ProblemCode, Correction> = new Map(
  [...rules, ...corrections].flatMap((one) => one.codes.map((code) => [code, one] as const)),
);

/** The edits that make a problem go away; none when that needs a human. Bytes outside the edits stay as they are.
 *  @param text  the text that the problem was found in */
export function fixProblem(problem: Problem, text: string): TextEdit[] {
  return byCode.get(problem.code)?.fix?.(problem, text) ?? [];
}

/** Whether the fix of such problems changes nothing of what is read. */
export function isSafeToFix(code: ProblemCode): boolean {
  return byCode.get(code)?.isSafe === true;
}
