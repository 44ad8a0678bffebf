import type { Heartbeat, JobReport, StageLatencies } from '../../schemas/jobEvents.ts';
import type { AdvisedKey } from '../../schemas/pages.ts';
import { figure } from '../design/figure.ts';
import type { Message, Text } from './texts.ts';

type Stage = keyof StageLatencies;

/** Where the time of a job's records goes, and what would change it. */
export interface Advice {
  readonly stage: Stage;
  /** One or two sentences. */
  readonly text: string;
  /** The key whose value is to be raised, where that helps. */
  readonly key?: AdvisedKey;
}

const stages: readonly Stage[] = ['queueWait', 'decode', 'inference', 'write'];

const names = {
  queueWait: 'Waiting in the queue',
  decode: 'Decoding',
  inference: 'The inference',
  write: 'Writing results',
} as const satisfies Record<Stage, Message>;

/** A batch this full, on average, is as large as it may be. */
const fullShare = 0.8;

/** Judges by the p95 of the stages of the slowest worker; undefined until a record was answered, and where no stage takes
 *  more than the others together. */
export function adviceOf({ workers }: JobReport, t: Text): Advice | undefined {
  const beats = workers.flatMap(({ heartbeat }) => heartbeat ?? []).filter(({ processed }) => processed > 0);
  const slowest = beats.reduce<Heartbeat | undefined>(
    (worst, beat) => (worst && totalMs(worst) >= totalMs(beat) ? worst : beat),
    undefined,
  );
  if (!slowest) return undefined;
  const total = totalMs(slowest);
  const stage = stages.find((one) => slowest.latencyMs[one].p95 > total / 2);
  if (stage === undefined) return undefined;
  const ms = slowest.latencyMs[stage].p95;
  const fact = t(
    '{0} takes {1} of {2} ms of a record (p95), {3} %.',
    t(names[stage]),
    figure(ms),
    figure(total),
    Math.round((100 * ms) / total),
  );
  const { text, key } = remedyOf(stage, slowest, t);
  return { stage, text: `${fact} ${text}`, ...(key === undefined ? {} : { key }) };
}

function totalMs({ latencyMs }: Heartbeat): number {
  return stages.reduce((sum, stage) => sum + latencyMs[stage].p95, 0);
}

function remedyOf(
  stage: Stage,
  { sharing, batchSize: { mean, max } }: Heartbeat,
  t: Text,
): { readonly text: string; readonly key?: AdvisedKey } {
  switch (stage) {
    case 'queueWait':
      if (sharing?.shared === false)
        return {
          text: t(
            'Records run one by one ({0}), so more copies (modelParallelism) or workers shorten the wait, where processors are free.',
            sharing.reason,
          ),
          key: 'modelParallelism',
        };
      if (max > 1 && mean >= fullShare * max)
        return {
          text: t('Batches are full: a larger batchSize takes more records at once.'),
          key: 'batchSize',
        };
      return {
        text: t('More copies (modelParallelism) or workers shorten the wait, where processors are free.'),
        key: 'modelParallelism',
      };
    case 'inference':
      return {
        text:
          max > 1
            ? t(
                'More threads (threadPerModel) make it quicker, where processors are free; a smaller batchSize than {0} rows answers sooner.',
                figure(max),
              )
            : t('More threads (threadPerModel) make it quicker, where processors are free.'),
        key: 'threadPerModel',
      };
    case 'decode':
      return { text: t('Smaller images, or tensors in place of images, take less; more workers share it.') };
    case 'write':
      return {
        text: t(
          'Smaller results take less, such as those of postProcessing: topN(5), and so does a nearer Redis.',
        ),
      };
  }
}
