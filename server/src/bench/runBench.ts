import type { SteadyClock } from '../queue/steadyClock.ts';
import type { Step, StepReport } from './benchReport.ts';
import { measureStep, type Ask } from './measureStep.ts';
import { isNewer, stageMeans, type StageCounts } from './stageMeans.ts';

export interface BenchOptions {
  readonly steps: readonly Step[];
  readonly ask: Ask;
  readonly clock: SteadyClock;
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** Reads what the job's workers report just now. */
  readonly readStages: () => Promise<StageCounts>;
  /** Ends the run; steps that are not whole are left out. */
  readonly signal: AbortSignal;
  readonly onStep: (report: StepReport) => void;
}

/** Workers report once a second. */
const reportPollMs = 200;
const reportWaitMs = 5_000;

/** Takes one step after the other, and what the workers counted meanwhile. */
export async function runBench(options: BenchOptions): Promise<readonly StepReport[]> {
  const reports: StepReport[] = [];
  for (const step of options.steps) {
    // What the step before has left is reported by now, so that it does not count for this one.
    const before = await nextStages(options);
    const measured = await measureStep(step, options);
    if (options.signal.aborted) break;
    const stages = stageMeans(before, await nextStages(options));
    const report = { ...measured, ...(stages ? { stages } : {}) };
    reports.push(report);
    options.onStep(report);
  }
  return reports;
}

/** What every worker reports after now. */
async function nextStages({ readStages, clock, signal }: BenchOptions): Promise<StageCounts> {
  const now = await readStages();
  const until = clock.steadyMs() + reportWaitMs;
  for (;;) {
    const later = await readStages();
    if (isNewer(later, now) || clock.steadyMs() > until || signal.aborted) return later;
    await new Promise<void>((resolve) => clock.after(reportPollMs, resolve));
  }
}
