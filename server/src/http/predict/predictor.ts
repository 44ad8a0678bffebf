import { ServingError } from '../../../../schemas/errors.ts';
import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import { unanswerable } from '../../../../schemas/redis/redisKeys.ts';
import { failureOf, isFiltered, predictionOf, type Prediction } from '../../ask/prediction.ts';
import { isTyped } from '../../codec/typedForm.ts';
import type { Payload } from '../../queue/payload.ts';
import { maxToldBytes } from '../../queue/scripts/luaConstants.ts';
import type { ResultWaiter } from '../../queue/resultWaiter.ts';
import type { AwaitedRecord, Submission, Submitter, SubmitterOptions } from '../../queue/submitter.ts';
import { joinedContent, type Content } from '../../ask/content.ts';
import { sharedOutputs, type Share } from '../../ask/shares.ts';

/** One instance that wants its prediction. */
export interface Question {
  readonly uri: string;
  /** What its record holds when it is not shared. */
  readonly content: () => Content;
  /** In ms, by the monotonic clock. */
  readonly deadline: number;
  /** The trace that the request names, if it does. */
  readonly traceparent?: string | undefined;
  /** Of the model, where it is chosen: what shares a record has the same. */
  readonly version?: string | undefined;
  /** How it may share a record with others; undefined if it may not. */
  readonly share: Share | undefined;
}

export interface Predictor {
  /** @returns undefined when there is no result at the deadline, or the client has gone
   *  @throws ServingError "redis-…" when Redis could not be written to, or not be asked at the end; ServingError with the
   *    worker's reason why the record could not be answered; "record-undecodable" for a result that is none */
  ask(question: Question): Asked;
}

export interface Asked {
  readonly prediction: Promise<Prediction | undefined>;
  /** Ends the wait, and takes the record back if no other request waits for it and no worker has it. */
  readonly hangUp: () => void;
}

export interface PredictorOptions {
  readonly createSubmitter: (recordsOf: SubmitterOptions<Waiting>['recordsOf']) => Submitter<Waiting>;
  readonly waiter: ResultWaiter;
  /** The most rows of a record that is shared. */
  readonly maxRows: () => number;
  /** What the workers take and read, when they share. */
  readonly model: () => { readonly inputs: readonly TensorInfo[]; readonly typed: boolean };
  /** Why a record was given up, as its dead letter says: "code: message". */
  readonly reasonOf: (uri: string) => Promise<string | undefined>;
  /** Called with each result. */
  readonly onAnswered: (questions: number) => void;
}

export interface Waiting {
  readonly question: Question;
  readonly bytes: number;
  /** Encoded already, where it cannot be shared. */
  readonly content: Content | undefined;
  readonly resolve: (prediction: Prediction | undefined) => void;
  readonly reject: (error: unknown) => void;
  /** Its client has gone. */
  hasLeft: boolean;
  /** The record it has become, or a part of. */
  sent: Sent | undefined;
}

interface Sent {
  readonly uri: string;
  readonly by: readonly Waiting[];
  entry: string | undefined;
  /** Its client has gone. */
  isOver: boolean;
}

/** Requests whose deadlines lie this close together may share a record. */
const deadlineSlackMs = 20;
/** More rows than this in one record gain little, and the first of them would wait longer. */
const maxSharedRows = 32;

/** Asks a job. Requests that come together and are alike share a record: a record has its price in Redis, in the worker and
 *  here, whatever it holds. Where a shared record is not answered, each is sent by itself, so that no request suffers from
 *  what another one has sent. */
export function createPredictor(options: PredictorOptions): Predictor {
  const { waiter, onAnswered } = options;
  const submitter = options.createSubmitter(recordsOf);
  /** Of the last result; until one is known nothing is shared. */
  let bytesPerRow = Infinity;

  /** A result is to come in the message that announces it. */
  function maxRows(): number {
    return Math.min(maxSharedRows, options.maxRows(), Math.floor(maxToldBytes / bytesPerRow));
  }

  function recordsOf(items: readonly Waiting[]): readonly Submission[] {
    const groups: Waiting[][] = [];
    /** The last group of each kind. */
    const open = new Map<string, { readonly group: Waiting[]; rows: number; readonly deadline: number }>();
    const most = maxRows();
    for (const item of items) {
      if (item.hasLeft) continue;
      const { deadline } = item.question;
      // What has shared a record already got no answer there, and goes by itself.
      const share = item.sent ? undefined : item.question.share;
      const kind = share && `${share.key} ${item.question.version ?? ''}`;
      const last = kind === undefined ? undefined : open.get(kind);
      if (
        share &&
        last &&
        last.rows + share.rows <= most &&
        Math.abs(deadline - last.deadline) <= deadlineSlackMs
      ) {
        last.group.push(item);
        last.rows += share.rows;
      } else {
        const group = [item];
        groups.push(group);
        if (share && kind !== undefined) open.set(kind, { group, rows: share.rows, deadline });
      }
    }
    return groups.map(submissionOf);
  }

  function submissionOf(by: readonly Waiting[]): Submission {
    const record = recordOf(by, options.model());
    const sent: Sent = { uri: record.uri, by, entry: undefined, isOver: false };
    for (const item of by) item.sent = sent;
    // The wait begins before the record is added, or a quick answer would be missed.
    waiter.wait(record.uri, record.deadline).then(
      (value) => void answer(sent, value),
      (error: unknown) => {
        for (const { reject } of by) reject(error);
      },
    );
    return {
      record,
      onPut: (id) => {
        sent.entry = id;
        if (sent.isOver) takeBack(sent);
      },
      onFailed: (error) => waiter.fail(record.uri, error),
    };
  }

  async function answer(sent: Sent, value: Payload | undefined): Promise<void> {
    const { by } = sent;
    if (value === undefined) {
      sent.isOver = true;
      takeBack(sent);
      for (const { resolve } of by) resolve(undefined);
      return;
    }
    onAnswered(by.length);
    const rows = rowsOf(by);
    if (rows > 0 && !isFiltered(value)) bytesPerRow = value.length / rows;
    try {
      if (value === unanswerable && by.length === 1) await explain(sent.uri);
      const predictions = predictionsOf(by, value);
      if (predictions) by.forEach(({ resolve }, i) => resolve(predictions[i]));
      else for (const item of by) if (!item.hasLeft) submitter.add(item);
    } catch (error) {
      for (const { reject } of by) reject(error);
    }
  }

  /** @throws ServingError with the reason of the record's dead letter, if there is one */
  async function explain(uri: string): Promise<void> {
    const reason = await options.reasonOf(uri);
    if (reason !== undefined) throw failureOf(reason);
  }

  function takeBack({ entry }: Sent): void {
    // Whatever is not taken back is answered, and its result removed by the waiter.
    if (entry !== undefined) submitter.withdraw([entry]).catch(() => undefined);
  }

  function hangUp(item: Waiting): void {
    if (item.hasLeft) return;
    item.hasLeft = true;
    item.resolve(undefined);
    if (item.sent?.by.every(({ hasLeft }) => hasLeft)) waiter.abandon(item.sent.uri);
  }

  return {
    ask(question) {
      let item: Waiting | undefined;
      const prediction = new Promise<Prediction | undefined>((resolve, reject) => {
        const content = question.share ? undefined : question.content();
        const bytes = content?.data.length ?? 0;
        item = { question, bytes, content, resolve, reject, hasLeft: false, sent: undefined };
        submitter.add(item);
      });
      return { prediction, hangUp: () => item && hangUp(item) };
    },
  };
}

function recordOf(
  by: readonly Waiting[],
  { inputs, typed }: ReturnType<PredictorOptions['model']>,
): AwaitedRecord {
  const [{ question, content }] = by as readonly [Waiting];
  const { uri, deadline, traceparent, version } = question;
  if (by.length === 1) return { uri, deadline, traceparent, version, ...(content ?? question.content()) };
  const traces = by.flatMap((one) => one.question.traceparent ?? []);
  return {
    uri: `${uri}+${by.length - 1}`,
    ...joinedContent(inputs, by.map(shareIn), typed),
    deadline: Math.max(...by.map((one) => one.question.deadline)),
    sharedBy: by.length,
    version,
    traceparent: traces.length === 0 ? undefined : traces.join(','),
  };
}

/** @returns undefined if the result does not show which rows are whose
 *  @throws ServingError with the worker's reason where a single record was not answered */
function predictionsOf(by: readonly Waiting[], value: Payload): readonly Prediction[] | undefined {
  if (by.length === 1) return [predictionOf(value)];
  if (isFiltered(value)) return undefined;
  try {
    const prediction = predictionOf(value);
    return typeof prediction === 'string'
      ? undefined
      : sharedOutputs(prediction, by.map(shareIn), isTyped(value));
  } catch (error) {
    // What is wrong with one of them shows when each is asked for by itself.
    if (isTyped(value) && error instanceof ServingError) return undefined;
    throw error;
  }
}

/** Of what may be shared. */
function rowsOf(by: readonly Waiting[]): number {
  return by.reduce((sum, { question }) => sum + (question.share?.rows ?? 0), 0);
}

function shareIn({ question }: Waiting): Share {
  return question.share as Share;
}
