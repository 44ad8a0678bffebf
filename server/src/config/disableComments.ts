import { configProblems, type Problem, type ProblemCode } from '../../../schemas/config/problems.ts';
import { lineAt, lineStarts } from './lines.ts';
import { problem } from './problem.ts';

/** Drops the problems that a line `# cluster-serving-disable-next-line CODE[, CODE]` switches off: those that begin on
 *  the next line and are no errors. An error prevents the start in any case, and hiding the reason would not help. */
export function applyDisableComments(text: string, problems: readonly Problem[]): Problem[] {
  if (!text.includes('cluster-serving-disable-next-line')) return [...problems];
  const starts = lineStarts(text);
  const disabled = new Set<string>();
  const complaints: Problem[] = [];
  for (const match of text.matchAll(/^[ \t\uFEFF]*#[ \t]*cluster-serving-disable-next-line[ \t:]*(.*)$/gm)) {
    const line = lineAt(starts, match.index);
    const list = match[1] ?? '';
    const listStart = match.index + match[0].length - list.length;
    for (const word of list.matchAll(/[^\s,]+/g)) {
      const code = word[0];
      const start = listStart + word.index;
      const severity = isCode(code) ? configProblems[code].severity : undefined;
      disabled.add(`${line + 1} ${code}`);
      if (severity !== undefined && severity !== 'error') continue;
      const message = severity
        ? `"${code}" is an error, which cannot be switched off.`
        : `No problem has the code "${code}".`;
      complaints.push(problem('bad-disable-comment', { start, end: start + code.length }, message));
    }
  }
  const isHidden = ({ severity, code, range }: Problem) =>
    severity !== 'error' && disabled.has(`${lineAt(starts, range.start)} ${code}`);
  return [...problems, ...complaints].filter((found) => !isHidden(found));
}

/** The same for problems that were found after the text was read: what is wrong with the comments has been reported then. */
export function withoutDisabled(text: string, problems: readonly Problem[]): Problem[] {
  return applyDisableComments(text, problems).filter(({ code }) => code !== 'bad-disable-comment');
}

function isCode(code: string): code is ProblemCode {
  return Object.hasOwn(configProblems, code);
}
