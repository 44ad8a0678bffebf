import type { Problem, Range, TextEdit } from '../../../../schemas/config/problems.ts';
import { applyEdits } from '../../config/edits.ts';
import { lineEnd, lineRange } from '../../config/lines.ts';
import type { ConfigText } from '../configText.ts';
import { convertNested, fixAllEdits, fixOf } from './fixes.ts';

export interface CodeAction {
  readonly title: string;
  readonly kind: 'quickfix' | 'refactor.rewrite' | 'source.fixAll';
  readonly edits: readonly TextEdit[];
  /** What the editor runs, for what no edit corrects. */
  readonly command?: { readonly id: string; readonly arguments: readonly unknown[] };
  /** Those that it makes go away. */
  readonly problems: readonly Problem[];
  readonly preferred: boolean;
}

/** What can be done about the problems of a range, and with the whole file.
 *  @param problems  of the whole file, as `diagnose` gives them */
export function codeActions({ text }: ConfigText, problems: readonly Problem[], range: Range): CodeAction[] {
  const touched = problems.filter((problem) => meets(problem.range, range));
  const actions = touched.flatMap((problem) => [
    ...fixAction(problem, text),
    ...installAction(problem),
    ...disableAction(problem, text),
  ]);
  const sections = problems.filter(({ code }) => code === 'nested-form');
  const converted = sections.length > 0 ? convertNested(text) : [];
  if (converted.length > 0)
    actions.push({
      title: 'Convert to the flat form',
      kind: 'refactor.rewrite',
      edits: converted,
      problems: sections,
      preferred: false,
    });
  const all = fixAllEdits(text);
  if (all.length > 0)
    actions.push({
      title: 'Fix all that can be fixed without a change of meaning',
      kind: 'source.fixAll',
      edits: all,
      problems: [],
      preferred: false,
    });
  return actions;
}

function meets(a: Range, b: Range): boolean {
  return a.start <= b.end && b.start <= a.end;
}

function fixAction(problem: Problem, text: string): CodeAction[] {
  const edits = fixOf(problem, text);
  if (edits.length === 0) return [];
  return [
    { title: titleOf(problem, text, edits), kind: 'quickfix', edits, problems: [problem], preferred: true },
  ];
}

function titleOf({ code, data }: Problem, text: string, edits: readonly TextEdit[]): string {
  switch (code) {
    case 'nested-form':
      return 'Convert this section to the flat form';
    case 'tab-indent':
      return 'Indent with blanks';
    case 'blank-at-end':
      return 'Remove the blanks around the path';
    case 'dead-key':
    case 'duplicate-key':
      return 'Turn the line into a comment';
    default:
      return data?.replacement === undefined
        ? `Change to ${applyEdits(text, edits).slice(0, 60)}`
        : `Change to ${data.replacement.trim()}`;
  }
}

/** The editor asks before it runs this. */
function installAction(problem: Problem): CodeAction[] {
  const { runtime, runtimeTitle = runtime } = problem.data ?? {};
  if (problem.code !== 'runtime-missing' || runtime === undefined) return [];
  return [
    {
      title: `Install ${runtimeTitle}`,
      kind: 'quickfix',
      edits: [],
      command: { id: 'clusterServing.installRuntime', arguments: [runtime] },
      problems: [problem],
      preferred: true,
    },
  ];
}

/** Errors are not to be hidden: they prevent the start. */
function disableAction(problem: Problem, text: string): CodeAction[] {
  if (problem.severity === 'error' || problem.code === 'bad-disable-comment') return [];
  const line = lineRange(text, problem.range.start);
  const start = line.start === 0 && text.startsWith('\uFEFF') ? 1 : line.start;
  const indent = /^[ \t]*/.exec(text.slice(start, line.end))?.[0] ?? '';
  const newText = `${indent}# cluster-serving-disable-next-line ${problem.code}${lineEnd(text)}`;
  return [
    {
      title: `Allow ${problem.code} on this line`,
      kind: 'quickfix',
      edits: [{ range: { start, end: start }, newText }],
      problems: [problem],
      preferred: false,
    },
  ];
}
