import { decodeResult, type ResultTensor } from '../codec/decodeResult.ts';
import { encodeRecord } from '../codec/encodeRecord.ts';
import type { RecordInputs } from '../codec/tensor.ts';
import { unanswerable } from '../../../schemas/redisKeys.ts';
import { maxToldBytes } from '../queue/scripts.ts';
import type { ResultWaiter } from '../queue/resultWaiter.ts';
import type { AwaitedRecord, Submission, Submitter, SubmitterOptions } from '../queue/submitter.ts';
import { joinInputs, splitOutputs, type Share } from './sharing.ts';

/** The outputs of one record in the model's order; a text where it is a filter's, or `NaN` for what could not be answered. */
export type Prediction = readonly ResultTensor[] | string;

/** One instance that wants its prediction. */
export interface Question {
  readonly uri: string;
  readonly inputs: RecordInputs;
  /** In ms, by the monotonic clock. */
  readonly deadline: number;
  /** How it may share a record with others; undefined if it may not. */
  readonly share: Share | undefined;
  /** It as JSON, where that is shorter than Arrow. */
  readonly text: string | undefined;
}

export interface Predictor {
  /** @returns undefined when there is no result at the deadline, or nobody waits for it any more
   *  @throws ServingError "redis-…" when Redis could not be written to, or not be asked at the end; ServingError "record-undecodable" for a result that is none */
  ask(question: Question): Asked;
}

export interface Asked {
  readonly prediction: Promise<Prediction | undefined>;
  /** Ends the wait, and takes the record back if nobody else waits for it and no worker has been given it. */
  readonly hangUp: () => void;
}

export interface PredictorOptions {
  readonly createSubmitter: (recordsOf: SubmitterOptions<Waiting>['recordsOf']) => Submitter<Waiting>;
  readonly waiter: ResultWaiter;
  /** The most rows of a record that is shared. */
  readonly maxRows: () => number;
  /** Told of each result. */
  readonly onAnswered: (questions: number) => void;
}

export interface Waiting {
  readonly question: Question;
  readonly bytes: number;
  /** Encoded already, where it cannot be shared. */
  readonly data: string | undefined;
  readonly resolve: (prediction: Prediction | undefined) => void;
  readonly reject: (error: unknown) => void;
  /** Nobody waits for it any more. */
  hasLeft: boolean;
  /** The record it has become, or a part of. */
  sent: Sent | undefined;
}

interface Sent {
  readonly uri: string;
  readonly by: readonly Waiting[];
  entry: string | undefined;
  /** Nobody waits for it any more. */
  isOver: boolean;
}

/** Requests whose deadlines lie this close together may share a record. */
const deadlineSlackMs = 20;
/** More rows than this in one record gain little, and the first of them would wait longer. */
const maxSharedRows = 32;

/** Asks a job. Requests that come together and are alike share a record: a record has its price in Redis, in the worker and
 *  here, whatever it holds. Where a shared record is not answered, each is asked for by itself, so that nobody suffers from
 *  what another one has sent. */
export function createPredictor(options: PredictorOptions): Predictor {
  const { waiter, onAnswered } = options;
  const submitter = options.createSubmitter(recordsOf);
  /** Of the last result; until one is known nothing is shared. */
  let bytesPerRow = Infinity;

  /** A result is to come in the message that tells of it. */
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
      const last = share && open.get(share.key);
      if (last && last.rows + share.rows <= most && Math.abs(deadline - last.deadline) <= deadlineSlackMs) {
        last.group.push(item);
        last.rows += share.rows;
      } else {
        const group = [item];
        groups.push(group);
        if (share) open.set(share.key, { group, rows: share.rows, deadline });
      }
    }
    return groups.map(submissionOf);
  }

  function submissionOf(by: readonly Waiting[]): Submission {
    const record = recordOf(by);
    const sent: Sent = { uri: record.uri, by, entry: undefined, isOver: false };
    for (const item of by) item.sent = sent;
    // Waited for before it is put in, or a quick answer would be heard by nobody.
    waiter.wait(record.uri, record.deadline).then(
      (value) => answer(sent, value),
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

  function answer(sent: Sent, value: string | undefined): void {
    const { by } = sent;
    if (value === undefined) {
      sent.isOver = true;
      takeBack(sent);
      for (const { resolve } of by) resolve(undefined);
      return;
    }
    onAnswered(by.length);
    const rows = rowsOf(by);
    if (rows > 0 && !isText(value)) bytesPerRow = value.length / rows;
    try {
      const predictions = predictionsOf(by, value);
      if (predictions) by.forEach(({ resolve }, i) => resolve(predictions[i]));
      else for (const item of by) if (!item.hasLeft) submitter.add(item);
    } catch (error) {
      for (const { reject } of by) reject(error);
    }
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
        const { share, text, inputs } = question;
        const data = share ? undefined : (text ?? encodeRecord(inputs));
        const bytes = data?.length ?? 0;
        item = { question, bytes, data, resolve, reject, hasLeft: false, sent: undefined };
        submitter.add(item);
      });
      return { prediction, hangUp: () => item && hangUp(item) };
    },
  };
}

function recordOf(by: readonly Waiting[]): AwaitedRecord {
  const [first] = by as readonly [Waiting];
  const { uri, deadline, text, inputs } = first.question;
  if (by.length === 1) {
    if (text !== undefined) return { uri, data: text, deadline, serde: 'stream' };
    return { uri, data: first.data ?? encodeRecord(inputs), deadline };
  }
  const all = by.map(({ question }) => question.inputs);
  return {
    uri: `${uri}+${by.length - 1}`,
    data: encodeRecord(joinInputs(all, by.map(shareIn))),
    deadline: Math.max(...by.map(({ question }) => question.deadline)),
    sharedBy: by.length,
  };
}

/** @returns undefined if the result does not tell which rows are whose */
function predictionsOf(by: readonly Waiting[], value: string): readonly Prediction[] | undefined {
  if (by.length === 1) return [isText(value) ? value : decodeResult(value)];
  return isText(value) ? undefined : splitOutputs(decodeResult(value), by.map(shareIn));
}

/** Of what may be shared. */
function rowsOf(by: readonly Waiting[]): number {
  return by.reduce((sum, { question }) => sum + (question.share?.rows ?? 0), 0);
}

function shareIn({ question }: Waiting): Share {
  return question.share as Share;
}

/** A filter's text or the mark of a record that could not be answered; anything else is Arrow. */
function isText(value: string): boolean {
  return value === unanswerable || value.startsWith('[');
}
