import { expect, test } from 'vitest';
import { fuzzGraphs } from './fuzz/graphs/graphs.ts';
import { fuzzPayloads } from './fuzz/payloads.ts';
import { fuzzRequests } from './fuzz/requests.ts';
import { planOfAll } from './plans.ts';
import { isGoodRound } from './report.ts';
import { torture } from './run.ts';

/* A short run of `npm run torture`. Its line with the seed is in the output, whatever comes of it. */

const fixedSeed = 14;
const randomSeed = Date.now() % 1_000_000;
const shortMinutes = 0.35;

test.each([
  ['fixed', fixedSeed],
  ['random', randomSeed],
])('nothing is lost, wrong, doubled or made up, with a %s seed: %d', async (_, seed) => {
  console.log(`npm run torture -- --seed ${seed} --minutes ${shortMinutes}`);
  const rounds = await torture({
    seed,
    plan: planOfAll(shortMinutes, []),
    say: (line) => console.log(line),
  });
  expect(rounds.flatMap(({ findings }) => findings)).toEqual([]);
  expect(rounds.filter((round) => !isGoodRound(round))).toEqual([]);
  expect(rounds.length).toBeGreaterThan(0);
});

test.each([fixedSeed, randomSeed])(
  'no damaged payload crashes or holds up a worker, with the seed %d',
  async (seed) => {
    const { found, count } = await fuzzPayloads({ seed, count: 2_000 });
    expect([count, found]).toEqual([2_000, []]);
  },
);

test.each([fixedSeed, randomSeed])(
  'no damaged request crashes or holds up a frontend, with the seed %d',
  async (seed) => {
    const { found } = await fuzzRequests({ seed, count: 1_000 });
    expect(found).toEqual([]);
  },
);

test.each([fixedSeed, randomSeed])(
  'no graph drawn by chance that may share runs has another answer in company, with the seed %d',
  async (seed) => {
    const { found, outcomes } = await fuzzGraphs({ seed, count: 400 });
    expect(found).toEqual([]);
    expect(outcomes.get('proved')).toBeGreaterThan(100);
  },
);
