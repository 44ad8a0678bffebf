import { expect, test } from 'vitest';
import { killAtSteps, reloadKinds, tortureReloads } from '../torture/volumes/reloads.ts';

// A short run of `npm run torture -- --reloads 100`.

const limitMs = 300_000;

test.each(reloadKinds)(
  'while the model is exchanged, every answer is of one version, and none fails or is lost: %s',
  async (kind) => {
    const { wrong, refused, answers, growth } = await tortureReloads({ kind, count: 10, load: 8 });
    expect(wrong).toEqual([]);
    expect(refused).toBe(2);
    expect(Math.min(answers.http, answers.queue)).toBeGreaterThan(10);
    // A model that stays has threads and a process with pipes of its own.
    expect(growth.threads).toBeLessThan(4);
    expect(growth.descriptors).toBeLessThan(10);
  },
  limitMs,
);

test.each([[['read', 'load', 'warm-up']], [['check', 'swap', 'drain', 'close']]])(
  'a worker that is killed at a step of a reload loses nothing, and what starts again serves: %j',
  async (steps) => {
    expect(await killAtSteps(steps)).toEqual([]);
  },
  limitMs,
);
