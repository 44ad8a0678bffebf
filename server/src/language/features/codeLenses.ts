import type { JobState } from '../../../../schemas/jobEvents.ts';
import type { Range } from '../../../../schemas/config/problems.ts';
import type { ConfigText } from '../configText.ts';
import { jobStateOf, type JobStates } from '../jobStates.ts';

export interface CodeLens {
  readonly range: Range;
  readonly title: string;
  /** A command of the editor; its one argument is the URI of the config. */
  readonly command: string;
}

const logs = 'clusterServing.showLogs';
const start = { title: 'Start', command: 'clusterServing.startJob' };
const stop = { title: 'Stop', command: 'clusterServing.stopJob' };
const show = { title: 'Logs', command: logs };
const tryIt = { title: 'Try it', command: 'clusterServing.openTry' };

/** What can be done with a job in each state. */
const lenses: Readonly<Record<JobState | 'unknown', readonly Omit<CodeLens, 'range'>[]>> = {
  unknown: [start, stop, show, tryIt],
  starting: [{ title: '◌ starting', command: logs }, stop],
  'waiting-for-secret': [{ title: '◌ waiting for the secret of its model', command: logs }, stop],
  running: [{ title: '● running', command: logs }, stop, show, tryIt],
  full: [{ title: '● running, but Redis is full', command: logs }, stop, show],
  stopping: [{ title: '◌ stopping', command: logs }],
  failed: [{ title: '✗ failed', command: logs }, start, show],
  stopped: [{ title: '○ stopped', command: logs }, start],
};

/** The state of a config's job, and what can be done with it.
 *  @param known  the commands that the editor says it has; others are left out
 *  @param states  undefined before the editor has sent any jobs: then everything is offered, and no state */
export function codeLenses(config: ConfigText, known: ReadonlySet<string>, states?: JobStates): CodeLens[] {
  const range = config.read.origins.modelPath.keyRange;
  if (!range) return [];
  return lenses[jobStateOf(config, states) ?? 'unknown']
    .filter(({ command }) => known.has(command))
    .map((lens) => ({ range, ...lens }));
}
