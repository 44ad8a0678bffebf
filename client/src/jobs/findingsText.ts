export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly text: string;
}

/** What `doctor --json` found, for people: problems first. */
export function findingsText(title: string, findings: readonly Finding[]): string {
  const sorted = [...findings].sort((a, b) => Number(a.ok) - Number(b.ok));
  const lines = sorted.map(({ check, ok, text }) => `- ${ok ? '✓' : '✗'} **${check}**: ${text}`);
  return `# ${title}\n\n${lines.join('\n')}\n`;
}
