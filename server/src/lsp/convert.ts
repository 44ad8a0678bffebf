import {
  DiagnosticSeverity,
  type Diagnostic,
  type Range as LspRange,
  type TextEdit as LspTextEdit,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Problem, Range, Severity, TextEdit } from '../../../schemas/config/problems.ts';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** The name that our diagnostics carry. */
export const source = 'cluster-serving';

export function toRange(document: TextDocument, { start, end }: Range): LspRange {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

export function toOffsets(document: TextDocument, { start, end }: LspRange): Range {
  return { start: document.offsetAt(start), end: document.offsetAt(end) };
}

export function toEdit(document: TextDocument, { range, newText }: TextEdit): LspTextEdit {
  return { range: toRange(document, range), newText };
}

/** @param docs  the page that has an anchor for each code */
export function toDiagnostic(document: TextDocument, problem: Problem, docs?: string): Diagnostic {
  const { code, severity, message, range, data } = problem;
  return {
    range: toRange(document, range),
    severity: severities[severity],
    code,
    ...(docs === undefined ? {} : { codeDescription: { href: `${docs}#${code}` } }),
    source,
    message,
    ...(data ? { data } : {}),
  };
}
