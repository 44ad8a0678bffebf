import type { SteadyClock } from '../queue/steadyClock.ts';
import type { PartReport, Step, StepReport } from './benchReport.ts';
import { createHistogram, round, type Histogram } from './histogram.ts';

/** Sends one request. @returns a code if it was not answered; it never throws, and settles in any case */
export type Ask = () => Promise<string | undefined>;

export interface MeasureOptions {
  readonly ask: Ask;
  readonly clock: SteadyClock;
  /** Requests before this time has passed are sent and not counted. */
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** Ends the step early. */
  readonly signal: AbortSignal;
}

/** The measured time is looked at in this many parts. */
const partCount = 5;
/** With more under way, a rate is given up: what cannot be sent counts as an error. */
const maxUnderWay = 20_000;
/** After an error a client waits, or a job that refuses would be asked as often as this machine can. */
const pauseMs = 10;

/** Puts a job under one load and counts. With a rate, a request's latency begins when it was to be sent: a job that stops for a
 *  second makes all requests of that second slow, though they could not even be sent ("coordinated omission"). */
export async function measureStep(step: Step, options: MeasureOptions): Promise<StepReport> {
  const { clock, warmUpMs, durationMs } = options;
  const from = clock.steadyMs() + warmUpMs;
  const counts = createCounts(from, durationMs);
  if (step.kind === 'concurrency') await keepUnderWay(step.value, counts, options);
  else await sendAtRate(step.value, counts, options);
  return counts.report(step);
}

async function keepUnderWay(
  clients: number,
  counts: Counts,
  { ask, clock, signal }: MeasureOptions,
): Promise<void> {
  const client = async () => {
    while (clock.steadyMs() < counts.to && !signal.aborted) {
      const began = clock.steadyMs();
      const error = await ask();
      const ended = clock.steadyMs();
      counts.ended({ counted: ended, latencyMs: ended - began, ended, error });
      if (error !== undefined) await new Promise<void>((resolve) => clock.after(pauseMs, resolve));
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

function sendAtRate(
  perSecond: number,
  counts: Counts,
  { ask, clock, signal }: MeasureOptions,
): Promise<void> {
  const began = clock.steadyMs();
  let sent = 0;
  let underWay = 0;
  let isOver = false;
  return new Promise((resolve) => {
    const endIfOver = () => {
      if (isOver && underWay === 0) resolve();
    };
    const send = async (wanted: number) => {
      underWay += 1;
      counts.sent(wanted, clock.steadyMs() - wanted);
      const error = await ask();
      underWay -= 1;
      const ended = clock.steadyMs();
      counts.ended({ counted: wanted, latencyMs: ended - wanted, ended, error });
      endIfOver();
    };
    const sendDue = () => {
      const now = clock.steadyMs();
      for (;;) {
        const wanted = began + (sent * 1000) / perSecond;
        isOver = wanted >= counts.to || signal.aborted;
        if (isOver) break;
        if (wanted > now) {
          clock.after(wanted - now, sendDue);
          return;
        }
        sent += 1;
        if (underWay < maxUnderWay) void send(wanted);
        else counts.ended({ counted: wanted, latencyMs: 0, ended: wanted, error: 'not-sent' });
      }
      endIfOver();
    };
    sendDue();
  });
}

interface Ended {
  /** The time by which it is counted or not. */
  readonly counted: number;
  readonly latencyMs: number;
  readonly ended: number;
  readonly error: string | undefined;
}

interface Counts {
  readonly to: number;
  sent(wanted: number, lateMs: number): void;
  ended(request: Ended): void;
  report(step: Step): StepReport;
}

interface Part {
  readonly latencies: Histogram;
  answers: number;
}

function createCounts(from: number, durationMs: number): Counts {
  const to = from + durationMs;
  const isWithin = (at: number) => at >= from && at < to;
  const latencies = createHistogram();
  const late = createHistogram();
  const errors: Record<string, number> = {};
  const parts = Array.from({ length: partCount }, (): Part => ({ latencies: createHistogram(), answers: 0 }));
  const partAt = (at: number) =>
    parts[Math.min(partCount - 1, Math.floor(((at - from) * partCount) / durationMs))] as Part;
  let answers = 0;
  return {
    to,
    sent(wanted, lateMs) {
      if (isWithin(wanted)) late.add(lateMs);
    },
    ended({ counted, latencyMs, ended, error }) {
      if (error !== undefined) {
        if (isWithin(counted)) errors[error] = (errors[error] ?? 0) + 1;
        return;
      }
      if (isWithin(ended)) {
        answers += 1;
        partAt(ended).answers += 1;
      }
      if (!isWithin(counted)) return;
      latencies.add(latencyMs);
      partAt(counted).latencies.add(latencyMs);
    },
    report(step) {
      const latencyMs = latencies.report();
      const sentLateMs = step.kind === 'rate' ? late.report() : undefined;
      return {
        ...step,
        perSecond: round((answers * 1000) / durationMs),
        requests: latencies.count,
        ...(latencyMs ? { latencyMs } : {}),
        errors,
        ...(sentLateMs ? { sentLateMs } : {}),
        parts: parts.map((part) => partReport(part, durationMs / partCount)),
      };
    },
  };
}

function partReport({ latencies, answers }: Part, ms: number): PartReport {
  const report = latencies.report();
  return {
    perSecond: round((answers * 1000) / ms),
    ...(report ? { p50: report.p50, p99: report.p99 } : {}),
  };
}
