import { MarkupKind, type MarkupContent } from 'vscode-languageserver';

/** Markdown as it is, or as the text that it shows. */
export function markup(markdown: string, showsMarkdown: boolean): MarkupContent {
  if (showsMarkdown) return { kind: MarkupKind.Markdown, value: markdown };
  const value = markdown
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '$1: $2')
    .replace(/\*\*([^*]+)\*\*/g, '$1')
    .replace(/`([^`]*)`/g, '$1')
    .replace(/\\([\\`*_[\]<>])/g, '$1');
  return { kind: MarkupKind.PlainText, value };
}
