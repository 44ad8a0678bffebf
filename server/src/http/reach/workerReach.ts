import type { ReloadReport, ReloadRequest } from '../../../../schemas/jobEvents.ts';
import type { Choice } from '../../../../schemas/rollout.ts';
import { prepare, type ModelFacts, type Prepared } from '../../ask/prepare.ts';
import type { Prediction } from '../../ask/prediction.ts';
import { HttpError, retryAfter } from '../httpError.ts';
import type { Asked } from '../predict/predictor.ts';
import type { JobWatch } from '../watch/jobWatch.ts';
import { progressCheck, redisCheck, type Check } from '../watch/readiness.ts';
import type { AskOptions, Reach, SentRecord, WorkerInferences } from './reach.ts';

/** A worker as the frontend within it sees it: its model, which it asks without a detour. */
export interface WorkerSide {
  readonly jobName: string;
  /** @param choice  of the version, where two are served; without it, the one that is not in a rollout */
  model(choice?: Choice): ModelFacts;
  labels(choice?: Choice): Readonly<Record<string, readonly string[]>>;
  /** Serves what the config and the model's files say now. @returns undefined where the worker cannot */
  reload(request: ReloadRequest): Promise<ReloadReport> | undefined;
  /** Why the model cannot run any more, if so: what it had is not answered. */
  readonly death: Error | undefined;
  /** What it has run and answered. */
  inferences(): WorkerInferences;
  /** Requests that are not answered yet. */
  readonly waiting: number;
  /** When one was answered last, or none waited, in ms by the monotonic clock. */
  readonly progressAt: number;
  ask(
    name: string,
    record: Pick<Prepared, 'share' | 'tensors' | 'inputs'>,
    deadline: number,
    more: { readonly traceparent: string | undefined; readonly choice: Choice },
  ): { readonly answer: Promise<Prediction | undefined>; readonly hangUp: () => void };
}

export interface WorkerReachOptions {
  readonly worker: WorkerSide;
  /** Looks at the Redis of the queue that the worker serves besides. */
  readonly watch: JobWatch;
}

/** Reaches the model of the worker that this frontend is a part of. Redis may be away: it has no part in a prediction. */
export function createWorkerReach({ worker, watch }: WorkerReachOptions): Reach {
  function ask({ uri }: SentRecord, prepared: Prepared, request: AskOptions): Asked {
    const { deadline, traceparent, choice } = request;
    const { answer, hangUp } = worker.ask(uri, prepared, deadline, { traceparent, choice });
    return { prediction: answer.catch(explain), hangUp };
  }

  function explain(error: unknown): never {
    const refusal = refusalOf(worker);
    throw refusal === undefined ? error : new HttpError('not-ready', refusal, retryAfter);
  }

  return {
    model: (choice) => worker.model(choice),
    labels: (choice) => worker.labels(choice),
    checks: () => [
      modelCheck(worker),
      progressCheck(worker.waiting, worker.progressAt, 0),
      queueCheck(watch),
    ],
    refusal: () => refusalOf(worker),
    async reload() {
      const report = await worker.reload({ by: 'http' });
      return report ? [report] : [];
    },
    inferences: () => [worker.inferences()],
    waiting: () => worker.waiting,
    ask(records, request) {
      const model = worker.model(request.choice);
      const prepared = records.map(({ place, inputs }) => prepare(place, inputs, model));
      return records.map((record, i) => ask(record, prepared[i] as Prepared, request));
    },
  };
}

function refusalOf({ death }: WorkerSide): string | undefined {
  return death && `The model has died: ${death.message}`;
}

function modelCheck(worker: WorkerSide): Check {
  const refusal = refusalOf(worker);
  const detail = refusal ?? `The model of the job ${worker.jobName} is loaded.`;
  return { name: 'model', ok: refusal === undefined, detail, ageMs: 0 };
}

/** Predictions go on without Redis, so it is no reason to be unready. */
function queueCheck(watch: JobWatch): Check {
  const check = redisCheck(watch);
  if (check.ok) return check;
  const detail = `${check.detail} Requests over HTTP are answered; records of the queue wait.`;
  return { ...check, detail, needed: false };
}
