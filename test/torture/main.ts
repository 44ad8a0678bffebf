import { parseArgs } from 'node:util';
import { hasFrameworks } from '../support/frameworks.ts';
import { fuzzLine } from './fuzz/fuzz.ts';
import { fuzzGraphs } from './fuzz/graphs/graphs.ts';
import { fuzzPayloads } from './fuzz/payloads.ts';
import { fuzzRequests } from './fuzz/requests.ts';
import { planOfAll, planOfFaults, planOfKills, workerCounts } from './plans.ts';
import { isGoodRound, summaryOf } from './report.ts';
import { torture, type RunOptions } from './run.ts';
import { backlog } from './volumes/backlog.ts';
import {
  backlogRow,
  cardOf,
  faultRows,
  fuzzRow,
  graphsRow,
  halfStatesRow,
  kafkaRow,
  killRows,
  soakRows,
  type CardRow,
} from './volumes/card.ts';
import { tryHalfStates } from './volumes/halfStates.ts';
import { tortureKafka } from './volumes/kafka.ts';
import { reloadKinds, tortureReloads } from './volumes/reloads.ts';
import { soak } from './volumes/soak.ts';

/* npm run torture -- [--minutes n] [--seed n] [--only "name of a nemesis"]… [a volume and its size]… [--full] */

/** What can be tried by its size rather than by the minute, in this order, each with its size in a full run. */
const volumes = {
  kills: { full: 200, run: kills },
  faults: { full: 50, run: faults },
  payloads: { full: 1_000_000, run: (count) => fuzz('payloads', count) },
  requests: { full: 100_000, run: (count) => fuzz('requests', count) },
  graphs: { full: 20_000, run: graphs },
  backlog: { full: 1_000_000, run: smallRedis },
  'half-states': { full: 12, run: halfStates },
  reloads: { full: 100, run: reloads },
  soak: { full: 10, run: memory },
  kafka: { full: 10_000, run: kafka },
} satisfies Record<string, { full: number; run: (size: number) => Promise<readonly CardRow[]> }>;
type Volume = keyof typeof volumes;
const names = Object.keys(volumes) as readonly Volume[];

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', multiple: true, default: [] },
    full: { type: 'boolean', default: false },
    workers: { type: 'string', multiple: true, default: workerCounts.map(String) },
    ...(Object.fromEntries(names.map((name) => [name, { type: 'string' }])) as Record<
      Volume,
      { type: 'string' }
    >),
  },
});

const seed = numberOf('seed', values.seed);
const say = (line: string) => console.log(line);
say(`seed ${seed}`);
const sizes = names.flatMap((name) => {
  const size = values[name] ?? (values.full ? volumes[name].full : undefined);
  return size === undefined ? [] : [{ name, size: numberOf(name, String(size)) }];
});
const onlyWords = [
  ...values.only.flatMap((name) => ['--only', `"${name}"`]),
  ...(values.workers.length === workerCounts.length
    ? []
    : values.workers.flatMap((count) => ['--workers', count])),
];
const isGood = sizes.length > 0 ? await runVolumes() : await forMinutes(numberOf('minutes', values.minutes));
// A start that hung on a machine that is too busy would keep the program.
process.exit(isGood ? 0 : 1);

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0) return value;
  console.error(`--${name} must be a number, not "${text}".`);
  process.exit(2);
}

function sayAgain(words: readonly string[]): void {
  say(`\nFAILED. The same again: npm run torture -- ${[...words, '--seed', String(seed)].join(' ')}`);
}

/** Every volume that was asked for, whatever the one before found. */
async function runVolumes(): Promise<boolean> {
  const began = performance.now();
  const rows: CardRow[] = [];
  for (const { name, size } of sizes) {
    say(`\n${name} ${size}`);
    const some = await volumes[name].run(size).catch((error: unknown): readonly CardRow[] => {
      say(textOf(error));
      return [{ tried: `${name} ${size}`, found: 'ended early', isGood: false }];
    });
    rows.push(...some);
    if (some.some((row) => !row.isGood)) sayAgain([`--${name}`, String(size), ...onlyWords]);
  }
  for (const line of cardOf(rows, seed, (performance.now() - began) / 60_000)) say(line);
  return rows.every((row) => row.isGood);
}

async function forMinutes(minutes: number): Promise<boolean> {
  const rounds = await play(planOfAll(minutes, values.only)).catch((error: unknown) => {
    say(textOf(error));
    return [];
  });
  const good = rounds.length > 0 && rounds.every((round) => isGoodRound(round));
  if (good) say('\nNothing lost, wrong, given up, doubled or made up.');
  else sayAgain(['--minutes', String(minutes), ...onlyWords]);
  return good;
}

async function play(plan: RunOptions['plan']) {
  const rounds = await torture({ seed, plan, say });
  for (const line of summaryOf(rounds)) say(line);
  return rounds;
}

async function kills(count: number): Promise<readonly CardRow[]> {
  return killRows(
    await play(
      planOfKills(
        count,
        values.only,
        values.workers.map((text) => numberOf('workers', text)),
      ),
    ),
  );
}

async function faults(times: number): Promise<readonly CardRow[]> {
  return faultRows(await play(planOfFaults(times, values.only)));
}

async function graphs(count: number): Promise<readonly CardRow[]> {
  const report = await fuzzGraphs({ seed, count });
  for (const line of report.found) say(`  ${line}`);
  return [graphsRow(report)];
}

async function fuzz(kind: 'payloads' | 'requests', count: number): Promise<readonly CardRow[]> {
  const report = await { payloads: fuzzPayloads, requests: fuzzRequests }[kind]({ seed, count });
  say(fuzzLine(kind, report));
  for (const line of report.found) say(`  ${line}`);
  return [fuzzRow(kind, report)];
}

async function smallRedis(records: number): Promise<readonly CardRow[]> {
  return [backlogRow(await backlog({ seed, records, say }))];
}

async function halfStates(count: number): Promise<readonly CardRow[]> {
  return [halfStatesRow(await tryHalfStates({ seed, count, say }))];
}

async function reloads(count: number): Promise<readonly CardRow[]> {
  const kinds = reloadKinds.filter((kind) => kind !== 'python' || hasFrameworks());
  if (!hasFrameworks()) say('none of Python: "npm test integration" installs the one that they run on');
  const rows: CardRow[] = [];
  for (const kind of kinds) {
    const { wrong, refused, answers, growth } = await tortureReloads({ kind, count, load: 32 });
    for (const line of wrong.slice(0, 20)) say(`  ${line}`);
    const { descriptors, threads, megabytes } = growth;
    rows.push({
      tried: `${count} reloads of ${kind} under load, ${refused} of what cannot be served; ${answers.http} answers over HTTP, ${answers.queue} in the queue`,
      found: `${wrong.length} wrong or lost; ${descriptors} descriptors, ${threads} threads, ${megabytes} MB more than after the first`,
      isGood: wrong.length === 0,
    });
  }
  return rows;
}

async function memory(minutes: number): Promise<readonly CardRow[]> {
  const report = await soak({ seed, minutes, warmUpMinutes: Math.min(3, minutes), say });
  for (const { fault, about, why } of report.findings.slice(0, 20)) say(`  ${fault}: ${about}: ${why}`);
  return soakRows(report);
}

/** One kill of a worker for every two hundred records, and one of the broker for every five hundred. */
async function kafka(records: number): Promise<readonly CardRow[]> {
  const workerKills = Math.ceil(records / 200);
  const brokerKills = Math.ceil(records / 500);
  const report = await tortureKafka({ seed, records, workers: 2, workerKills, brokerKills, say });
  for (const line of report.found.slice(0, 20)) say(`  ${line}`);
  return [kafkaRow(report)];
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
