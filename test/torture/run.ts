import { createGenerator } from './generator.ts';
import { startTraffic, pause, type Traffic } from './clients.ts';
import { check, type Finding } from './checker.ts';
import type { History, RecordHistory } from './history.ts';
import { loadMlp } from './mlp.ts';
import type { Nemesis } from './nemesis.ts';
import { createRandom, type Random } from './random.ts';
import { lineOf, storyOf } from './report.ts';
import { jobName, openWorld, type World } from './world.ts';

export interface RunOptions {
  readonly seed: number;
  /** Makes the plan of the run. @param random  the run's share of chance */
  readonly plan: (random: Random) => Plan;
  readonly say: (line: string) => void;
}

/** What one round does. */
export interface Turn {
  readonly nemesis: Nemesis;
  readonly workers: number;
  /** How many times in the round, each after the answer to the one before. */
  readonly strikes: number;
}

/** Says what comes after the rounds that were played; undefined ends the run. */
export type Plan = (played: readonly Round[]) => Turn | undefined;

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
  /** For each strike, from the end of the fault to the answer of a record that was sent after it; undefined where none came. */
  readonly recoveries: readonly (number | undefined)[];
  readonly findings: readonly Finding[];
}

const recoveryLimitMs = 30_000;
const patienceMs = 20_000;

/** Runs one nemesis after the other as the plan says, and checks all that happened after each. The first round in which
 *  something is found is the last. */
export async function torture({ seed, plan, say }: RunOptions): Promise<Round[]> {
  const random = createRandom(seed);
  const generator = createGenerator(createRandom(seed + 1), loadMlp());
  const next = plan(random);
  const rounds: Round[] = [];
  const world = await openWorld();
  try {
    for (let turn = next(rounds); turn; turn = next(rounds)) {
      const number = rounds.length + 1;
      const round = await playRound(world, { ...turn, number, random, generator, say });
      rounds.push(round);
      if (round.findings.length > 0) break;
    }
  } finally {
    await world.close();
  }
  return rounds;
}

interface RoundOptions extends Turn {
  readonly number: number;
  readonly random: Random;
  readonly generator: ReturnType<typeof createGenerator>;
  readonly say: (line: string) => void;
}

async function playRound(world: World, options: RoundOptions): Promise<Round> {
  const { workers, strikes, random, generator, say } = options;
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
  let lossAt: number | undefined;
  await traffic.firstAnswer(0, recoveryLimitMs);
  const recoveries: (number | undefined)[] = [];
  while (recoveries.length < strikes && !recoveries.includes(undefined))
    recoveries.push(
      await strike(world, traffic, options, () => {
        lossAt = performance.now();
        traffic.lost();
      }),
    );
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
  const kills = world.pool.kills - killsBefore;
  const round = { ...sumUp(options, history), kills, recoveries };
  say(lineOf(round));
  for (const line of storyOf(history, round.findings)) say(line);
  await world.clear();
  return round;
}

/** @returns how long the next answer took after the fault, in ms */
async function strike(
  world: World,
  traffic: Traffic,
  { nemesis, workers, random }: RoundOptions,
  lost: () => void,
): Promise<number | undefined> {
  let overAt: number | undefined;
  await pause(random.between(0, 200));
  await nemesis.run({ world, workers, random, over: () => (overAt = performance.now()), lost });
  overAt ??= performance.now();
  const recoveredAt = await traffic.firstAnswer(overAt, recoveryLimitMs);
  return recoveredAt === undefined ? undefined : recoveredAt - overAt;
}

function sumUp(
  { number, nemesis, workers }: RoundOptions,
  history: History,
): Omit<Round, 'kills' | 'recoveries'> {
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
