import { faults, type Finding } from './checker.ts';
import type { History, RecordHistory } from './history.ts';
import type { Round } from './run.ts';

export const seconds = (ms: number | undefined) =>
  ms === undefined || ms === Infinity ? 'never' : `${(ms / 1000).toFixed(2)} s`;

export function lineOf(round: Round): string {
  const { number, nemesis, workers, records, answered, refused, gone, recoveries, findings } = round;
  const verdict = findings.length === 0 ? 'ok' : `${findings.length} FOUND`;
  return (
    `${String(number).padStart(4)}  ${nemesis.padEnd(33)} ${workers} worker${workers > 1 ? 's' : ' '}  ` +
    `${records} records: ${answered} answered, ${refused} refused, ${gone} gone or unsure; ` +
    `next answer ${recoveries.map(seconds).join(', ')}  ${verdict}`
  );
}

const mostTold = 20;

/** What happened to the records that something was found about. */
export function storyOf({ records, lossAt }: History, findings: readonly Finding[]): string[] {
  const lines = findings.slice(0, mostTold).flatMap(({ fault, about, why }) => {
    const record = records.get(about);
    return [`      ${fault}: ${about}: ${why}`, ...(record ? [`        ${lifeOf(record)}`] : [])];
  });
  if (findings.length > mostTold) lines.push(`      and ${findings.length - mostTold} more`);
  if (findings.length > 0 && lossAt !== undefined)
    lines.push(`      the data of Redis went at ${lossAt.toFixed(0)} ms`);
  return lines;
}

function lifeOf({ form, sentAt, accepted, refusal, answers }: RecordHistory): string {
  const told = answers.map(({ at, verdict }) => {
    const what = typeof verdict === 'string' ? verdict : `wrong (${verdict.wrong})`;
    return `${what} at ${at.toFixed(0)} ms`;
  });
  const taken = `accepted: ${accepted}${refusal ? ` (${refusal})` : ''}`;
  return `${form}, sent at ${sentAt.toFixed(0)} ms, ${taken}, answers: ${told.join(', ') || 'none'}`;
}

/** A line for each nemesis and number of workers, and one for all. */
export function summaryOf(rounds: readonly Round[]): string[] {
  const byWorkers = group(rounds, ({ workers }) => `${workers} worker${workers > 1 ? 's' : ''}`);
  const byNemesis = group(rounds, ({ nemesis }) => nemesis);
  const all: [string, readonly Round[]][] = [...byNemesis, ...byWorkers, ['all', rounds]];
  const lines = all.map(([name, some]) => {
    const times = recoveriesOf(some);
    const sum = (value: (round: Round) => number) => some.map(value).reduce((a, b) => a + b, 0);
    const found = faults.map(
      (fault) => `${sum(({ findings }) => findings.filter((one) => one.fault === fault).length)} ${fault}`,
    );
    return (
      `${name.padEnd(33)} ${some.length} rounds, ${sum(({ kills }) => kills)} kills, ${sum(({ records }) => records)} records, ` +
      `next answer ${seconds(medianOf(times))} median, ${seconds(times.at(-1))} at most; ${found.join(', ')}`
    );
  });
  return ['', ...lines];
}

/** How long the next answers took, in ms, the longest last; Infinity for one that never came. */
export function recoveriesOf(rounds: readonly Round[]): readonly number[] {
  return rounds.flatMap(({ recoveries }) => recoveries.map((ms) => ms ?? Infinity)).sort((a, b) => a - b);
}

/** Of numbers in order. */
export function medianOf(sorted: readonly number[]): number | undefined {
  return sorted[sorted.length >> 1];
}

export function group(rounds: readonly Round[], keyOf: (round: Round) => string): [string, Round[]][] {
  const groups = new Map<string, Round[]>();
  for (const round of rounds) groups.set(keyOf(round), [...(groups.get(keyOf(round)) ?? []), round]);
  return [...groups].sort(([a], [b]) => a.localeCompare(b));
}

/** A round without a finding in which the next answer came in time.
 *  @param limitMs  the longest that it may take after a fault */
export function isGoodRound({ findings, recoveries }: Round, limitMs = Infinity): boolean {
  return findings.length === 0 && recoveries.every((ms) => ms !== undefined && ms <= limitMs);
}
