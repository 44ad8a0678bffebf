import type { Step, StepReport } from './benchReport.ts';

/** How much a job can take, by the steps of one kind. */
export interface Saturation {
  readonly kind: Step['kind'];
  /** For `concurrency`: the fewest requests under way that reach nearly the most per second. For `rate`: the highest rate that
   *  was answered in full. undefined where no step shows it. */
  readonly value: number | undefined;
  readonly perSecond: number | undefined;
  /** Whether a higher step showed that more does not help. */
  readonly isReached: boolean;
}

/** A step this close to the best one reaches it. */
const nearly = 0.95;

/** @returns one for each kind of which there is a step */
export function findSaturation(steps: readonly StepReport[]): readonly Saturation[] {
  const ofKind = (kind: Step['kind']) =>
    steps.filter((step) => step.kind === kind).sort((a, b) => a.value - b.value);
  const clients = ofKind('concurrency');
  const rates = ofKind('rate');
  return [...(clients.length > 0 ? [ofClients(clients)] : []), ...(rates.length > 0 ? [ofRates(rates)] : [])];
}

function ofClients(steps: readonly StepReport[]): Saturation {
  const most = Math.max(...steps.map(({ perSecond }) => perSecond));
  const first = most > 0 ? steps.find(({ perSecond }) => perSecond >= most * nearly) : undefined;
  return {
    kind: 'concurrency',
    value: first?.value,
    perSecond: first?.perSecond,
    isReached: first !== undefined && first !== steps.at(-1),
  };
}

function ofRates(steps: readonly StepReport[]): Saturation {
  const firstLost = steps.findIndex((step) => !isAnswered(step));
  const last = firstLost === -1 ? steps.at(-1) : steps[firstLost - 1];
  return { kind: 'rate', value: last?.value, perSecond: last?.perSecond, isReached: firstLost !== -1 };
}

function isAnswered({ value, perSecond, errors }: StepReport): boolean {
  return perSecond >= value * nearly && Object.keys(errors).length === 0;
}
