import { createGenerator } from './generator.ts';
import { startTraffic, pause } from './clients.ts';
import { check, type Finding } from './checker.ts';
import type { History, RecordHistory } from './history.ts';
import { loadMlp } from './mlp.ts';
import { nemeses } from './nemeses.ts';
import type { Nemesis } from './nemesis.ts';
import { createRandom, type Random } from './random.ts';
import { lineOf, storyOf } from './report.ts';
import { jobName, openWorld, type World } from './world.ts';

export interface RunOptions {
  readonly seed: number;
  readonly minutes: number;
  /** The names of the nemeses to use, or the beginnings of them; all where it is empty. */
  readonly only: readonly string[];
  readonly say: (line: string) => void;
}

/** What one round came to. */
export interface Round {
  readonly number: number;
  readonly nemesis: string;
  readonly workers: number;
  /** Workers that were killed with SIGKILL. */
  readonly kills: number;
  readonly records: number;
  readonly answered: number;
  /** Those that the service refused: the client knows that they are not in. */
  readonly refused: number;
  /** Those that a fault took together with the data of Redis, or of which it is not known whether they arrived. */
  readonly gone: number;
  /** From the end of the fault to the answer of a record that was sent after it; undefined where none came. */
  readonly recoveryMs: number | undefined;
  readonly findings: readonly Finding[];
}

const workerCounts = [1, 2, 4];
/** Rounds with as many workers before their number changes. */
const roundsAtOnce = 3;
const recoveryLimitMs = 30_000;
const patienceMs = 20_000;

/** Runs one nemesis after the other until the time is over, and checks all that happened after each. */
export async function torture({ seed, minutes, only, say }: RunOptions): Promise<Round[]> {
  const random = createRandom(seed);
  const generator = createGenerator(createRandom(seed + 1), loadMlp());
  const chosen = nemeses.filter(({ name }) => only.length === 0 || only.some((one) => name.startsWith(one)));
  if (chosen.length === 0) throw new Error(`no nemesis is called ${only.join()}`);
  const rounds: Round[] = [];
  const end = performance.now() + minutes * 60_000;
  const world = await openWorld();
  try {
    let deck: Nemesis[] = [];
    for (let number = 1; performance.now() < end; number++) {
      const workers = workerCounts[Math.floor((number - 1) / roundsAtOnce) % workerCounts.length] ?? 1;
      if (deck.length === 0) deck = random.shuffle(chosen);
      const nemesis = deck.pop() as Nemesis;
      const round = await playRound(world, { number, nemesis, workers, random, generator, say });
      rounds.push(round);
      if (round.findings.length > 0) break;
    }
  } finally {
    await world.close();
  }
  return rounds;
}

interface RoundOptions {
  readonly number: number;
  readonly nemesis: Nemesis;
  readonly workers: number;
  readonly random: Random;
  readonly generator: ReturnType<typeof createGenerator>;
  readonly say: (line: string) => void;
}

async function playRound(world: World, options: RoundOptions): Promise<Round> {
  const { nemesis, workers, random, generator, say } = options;
  await world.pool.fill(workers);
  await world.plantForeign();
  const crashesBefore = world.crashes().length;
  const killsBefore = world.pool.kills;
  const traffic = startTraffic({
    redis: world.client,
    jobName,
    frontendUrl: world.frontend.url,
    generator,
    random: createRandom(random.between(0, 2 ** 31)),
  });
  let overAt: number | undefined;
  let lossAt: number | undefined;
  await traffic.firstAnswer(0, recoveryLimitMs);
  await pause(random.between(0, 200));
  await nemesis.run({
    world,
    workers,
    random,
    over: () => (overAt = performance.now()),
    lost: () => (lossAt = performance.now()),
  });
  overAt ??= performance.now();
  const recoveredAt = await traffic.firstAnswer(overAt, recoveryLimitMs);
  const isExcused = (record: RecordHistory) => lossAt !== undefined && record.sentAt <= lossAt;
  await traffic.end(patienceMs, isExcused);
  await world.settled(patienceMs).catch((error: unknown) => say(String(error)));
  await traffic.sweep();
  const history: History = {
    records: traffic.records,
    lossAt,
    leftResults: await world.leftResults(),
    foreign: await world.foreignFacts(),
    crashes: world.crashes().slice(crashesBefore),
  };
  const recoveryMs = recoveredAt === undefined ? undefined : recoveredAt - overAt;
  const kills = world.pool.kills - killsBefore;
  const round = { ...sumUp(options, history), kills, recoveryMs };
  say(lineOf(round));
  for (const line of storyOf(history, round.findings)) say(line);
  await world.clear();
  return round;
}

function sumUp(
  { number, nemesis, workers }: RoundOptions,
  history: History,
): Omit<Round, 'kills' | 'recoveryMs'> {
  const all = [...history.records.values()];
  const count = (wanted: (record: RecordHistory) => boolean) => all.filter(wanted).length;
  return {
    number,
    nemesis: nemesis.name,
    workers,
    records: all.length,
    answered: count(({ answers }) => answers.length > 0),
    refused: count(({ accepted }) => accepted === 'no'),
    gone: count(({ accepted, answers }) => accepted !== 'no' && answers.length === 0),
    findings: check(history),
  };
}
