import type { Range } from '../../../schemas/problems.ts';
import type { ConfigText } from './configText.ts';

export interface CodeLens {
  readonly range: Range;
  readonly title: string;
  /** A command of the editor; its one argument is the URI of the config. */
  readonly command: string;
}

const lenses = [
  { title: 'Start', command: 'clusterServing.startJob' },
  { title: 'Stop', command: 'clusterServing.stopJob' },
  { title: 'Logs', command: 'clusterServing.showLogs' },
  { title: 'Try it', command: 'clusterServing.tryJob' },
] as const;

/** What can be done with the job of a config. @param known  the commands that the editor says it has; others are left out */
export function codeLenses({ read }: ConfigText, known: ReadonlySet<string>): CodeLens[] {
  const range = read.origins.modelPath.keyRange;
  if (!range) return [];
  return lenses.filter(({ command }) => known.has(command)).map((lens) => ({ range, ...lens }));
}
