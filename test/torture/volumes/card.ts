import { availableParallelism, cpus, totalmem } from 'node:os';
import { faults } from '../checker.ts';
import type { FuzzReport } from '../fuzz/fuzz.ts';
import { group, isGoodRound, medianOf, recoveriesOf, seconds } from '../report.ts';
import type { Round } from '../run.ts';
import type { BacklogReport } from './backlog.ts';
import type { HalfStatesReport } from './halfStates.ts';
import type { KafkaTortureReport } from './kafka.ts';
import type { SoakReport } from './soak.ts';

/** One line of the card that a run ends with. */
export interface CardRow {
  readonly tried: string;
  readonly found: string;
  readonly isGood: boolean;
}

/** After a fault of Redis the next answer must come within this time. */
export const faultLimitMs = 5_000;
const growthLimit = 1024 * 1024;

/** All rows as a table in Markdown, with the machine. */
export function cardOf(rows: readonly CardRow[], seed: number, minutes: number): readonly string[] {
  const memory = Math.round(totalmem() / 1024 ** 3);
  return [
    '',
    `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${memory} GB; Node.js ${process.versions.node}; seed ${seed}; ${minutes.toFixed(0)} min`,
    '',
    '| tried | found | |',
    '| --- | --- | --- |',
    ...rows.map(({ tried, found, isGood }) => `| ${tried} | ${found} | ${isGood ? 'ok' : 'FAILED'} |`),
  ];
}

/** A row for each number of workers. */
export function killRows(rounds: readonly Round[]): readonly CardRow[] {
  return group(rounds, ({ workers }) => String(workers)).map(([workers, some]) => ({
    tried: `${grouped(sum(some, (one) => one.kills))} kills of ${workers === '1' ? 'a single worker' : `${workers} workers`}, ${grouped(sum(some, (one) => one.records))} records`,
    found: `${findingsText(some)}; ${timesText(some)}`,
    isGood: some.every((round) => isGoodRound(round)),
  }));
}

/** A row for each fault. */
export function faultRows(rounds: readonly Round[]): readonly CardRow[] {
  return group(rounds, ({ nemesis }) => nemesis).map(([nemesis, some]) => {
    const times = recoveriesOf(some);
    const inTime = times.filter((ms) => ms <= faultLimitMs).length;
    return {
      tried: `${nemesis}, ${times.length} times, ${grouped(sum(some, (one) => one.records))} records`,
      found: `${inTime}/${times.length} within ${faultLimitMs / 1000} s; ${findingsText(some)}; ${timesText(some)}`,
      isGood: some.every((round) => isGoodRound(round, faultLimitMs)),
    };
  });
}

export function kafkaRow(report: KafkaTortureReport): CardRow {
  const { records, workerKills, brokerKills, duplicates, duplicatesAfterBroker, sentTwice } = report;
  const { deadLetters, found } = report;
  return {
    tried: `Kafka: ${workerKills} kills of workers and ${brokerKills} of the broker, ${grouped(records)} records`,
    found: `${found.length} lost or wrong; ${duplicates} answered again, ${duplicatesAfterBroker} of them after kills of the broker (${sentTwice} were sent twice); ${deadLetters} dead letters; ${seconds(report.seconds * 1000)}`,
    isGood: found.length === 0,
  };
}

export function fuzzRow(kind: string, { count, slowestMs, found }: FuzzReport): CardRow {
  return {
    tried: `${grouped(count)} damaged ${kind}`,
    found: `${found.length} crashes, hangs over 1 s or wrong answers; the slowest batch ${seconds(slowestMs)}`,
    isGood: found.length === 0,
  };
}

/** Of graphs drawn by chance, each value of which is judged. */
export function graphsRow({ count, outcomes, found }: FuzzReport): CardRow {
  const values = [...outcomes.values()].reduce((a, b) => a + b, 0);
  return {
    tried: `${grouped(count)} graphs of ONNX drawn by chance, ${grouped(values)} values`,
    found: `${grouped(outcomes.get('proved') ?? 0)} may share runs by the graph; ${found.length} of them had another answer in company`,
    isGood: found.length === 0 && (outcomes.get('proved') ?? 0) > 0,
  };
}

export function backlogRow(report: BacklogReport): CardRow {
  const { records, answered, readByOthers, trimmedUnread, refusals, left, found } = report;
  return {
    tried: `${grouped(records)} records through a Redis of 64 MB with a second, slow group`,
    found: `${trimmedUnread} unread trimmed, ${grouped(answered)} answered, ${grouped(readByOthers)} read by the slow group, ${grouped(refusals)} batches refused and sent again, ${left} entries left, ${grouped(Math.round(records / report.seconds))} records/s${reasons(found)}`,
    isGood: found.length === 0 && trimmedUnread === 0 && answered === records,
  };
}

export function halfStatesRow({ count, found }: HalfStatesReport): CardRow {
  return {
    tried: `${count} half states of starts, stops and machines`,
    found: found.length === 0 ? 'each can be repeated, 0 processes left' : `${found.length} troubles`,
    isGood: found.length === 0,
  };
}

/** A row for each process. */
export function soakRows({ minutes, records, memory, findings }: SoakReport): readonly CardRow[] {
  return memory.map(({ process, rss, per10Minutes }) => ({
    tried: `memory of a ${process} over ${minutes} min, ${grouped(records)} records`,
    found: `${megabytes(rss)} MB, ${per10Minutes < 0 ? '' : '+'}${megabytes(per10Minutes)} MB in 10 min; ${findings.length} found`,
    isGood: per10Minutes <= growthLimit && findings.length === 0,
  }));
}

const grouped = (value: number) => value.toLocaleString('en-US');
const megabytes = (bytes: number) => (bytes / 1024 ** 2).toFixed(1);
const reasons = (found: readonly string[]) => (found.length === 0 ? '' : `: ${found.slice(0, 3).join('; ')}`);

function sum(rounds: readonly Round[], value: (round: Round) => number): number {
  return rounds.map(value).reduce((a, b) => a + b, 0);
}

function findingsText(rounds: readonly Round[]): string {
  const found = rounds.flatMap(({ findings }) => findings);
  if (found.length === 0) return '0 lost, wrong, given up, doubled or phantom';
  return faults.map((fault) => `${found.filter((one) => one.fault === fault).length} ${fault}`).join(', ');
}

function timesText(rounds: readonly Round[]): string {
  const times = recoveriesOf(rounds);
  return `next answer after ${seconds(medianOf(times))} (median), ${seconds(times.at(-1))} at most`;
}
