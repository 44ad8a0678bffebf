import { expect, test } from 'vitest';
import { planOfAll, planOfFaults, planOfKills, workerCounts } from './plans.ts';
import { createRandom } from './random.ts';
import { redisNemeses } from './redisNemeses.ts';
import type { Plan, Round, Turn } from './run.ts';

function roundOf({ nemesis, workers, strikes }: Turn, more: Partial<Round> = {}): Round {
  const recoveries = Array<number>(strikes).fill(10);
  return {
    ...{
      number: 1,
      nemesis: nemesis.name,
      workers,
      kills: 2,
      records: 300,
      answered: 300,
      refused: 0,
      gone: 0,
    },
    ...{ recoveries, findings: [], ...more },
  };
}

function playAll(plan: Plan, more: Partial<Round> = {}): Round[] {
  const played: Round[] = [];
  for (let turn = plan(played); turn; turn = plan(played)) played.push(roundOf(turn, more));
  return played;
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

test.each([2, 3, 50])('each fault of Redis strikes %i times', (times) => {
  const played = playAll(planOfFaults(times)(createRandom(1)));
  for (const { name } of redisNemeses) {
    const rounds = played.filter(({ nemesis }) => nemesis === name);
    expect(sum(rounds.map(({ recoveries }) => recoveries.length))).toBe(times);
  }
});

test('only the faults that are named strike, where some are', () => {
  const played = playAll(planOfFaults(10, ['READONLY', 'kill -9'])(createRandom(1)));
  expect(new Set(played.map(({ nemesis }) => nemesis))).toEqual(
    new Set(['READONLY', 'kill -9 Redis', 'kill -9 Redis, its data gone']),
  );
  const kills = playAll(planOfKills(4, ['kill every'])(createRandom(1)));
  expect(new Set(kills.map(({ nemesis }) => nemesis))).toEqual(new Set(['kill every worker']));
  expect(() => planOfFaults(1, ['kill a worker'])).toThrow('no nemesis');
});

test('faults meet every number of workers', () => {
  const played = playAll(planOfFaults(50)(createRandom(1)));
  expect([...new Set(played.map(({ workers }) => workers))]).toEqual(workerCounts);
});

test.each([
  ['kills', { kills: 4, records: 10_000 }],
  ['records', { kills: 100, records: 100 }],
])('each number of workers is killed until there are enough %s', (_, more) => {
  const played = playAll(planOfKills(20)(createRandom(1)), more);
  for (const count of workerCounts) {
    const rounds = played.filter(({ workers }) => workers === count);
    expect(sum(rounds.map(({ kills }) => kills))).toBeGreaterThanOrEqual(20);
    expect(sum(rounds.map(({ records }) => records))).toBeGreaterThanOrEqual(1_000);
  }
  expect(played.every(({ nemesis }) => nemesis.startsWith('kill'))).toBe(true);
});

test('a plan by the minute ends when the time is over, and uses what was chosen', () => {
  let now = 0;
  const plan = planOfAll(1, ['kill a worker'], () => (now += 1_000))(createRandom(1));
  const played = playAll(plan);
  expect(played.length).toBeGreaterThan(50);
  expect(played.every(({ nemesis }) => nemesis.startsWith('kill a worker'))).toBe(true);
  expect(() => planOfAll(1, ['nothing'])).toThrow('no nemesis');
});

test('the same seed plans the same', () => {
  const names = (seed: number) => playAll(planOfFaults(5)(createRandom(seed))).map(({ nemesis }) => nemesis);
  expect(names(3)).toEqual(names(3));
  expect(names(3)).not.toEqual(names(4));
});
