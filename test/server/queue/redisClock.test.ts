import { expect, test } from 'vitest';
import { createRedisClock, skewText } from '../../../server/src/queue/redis/redisClock.ts';

/** Clocks of a machine that a test sets. */
function machine() {
  const at = { monotonic: 1_000, wall: 1_700_000_000_000 };
  const clock = createRedisClock({ monotonic: () => at.monotonic, wall: () => at.wall });
  const pass = (ms: number) => {
    at.monotonic += ms;
    at.wall += ms;
  };
  return { at, clock, pass };
}

test('until Redis was asked its time is that of this machine', () => {
  const { at, clock } = machine();
  expect([clock.now(), clock.aheadMs()]).toEqual([at.wall, 0]);
});

test('an answer was true half-way between the question and its coming', () => {
  const { at, clock, pass } = machine();
  const askedAt = at.monotonic;
  pass(100);
  clock.observe(at.wall - 90_000 - 50, askedAt);
  expect(clock.now()).toBe(at.wall - 90_000);
  expect(clock.aheadMs()).toBe(90_000);
});

test('a clock of this machine that is set moves nothing but the skew', () => {
  const { at, clock, pass } = machine();
  clock.observe(at.wall, at.monotonic);
  const before = clock.now();
  at.wall -= 3_600_000;
  expect([clock.now(), clock.aheadMs()]).toEqual([before, -3_600_000]);
  pass(250);
  expect(clock.now()).toBe(before + 250);
});

test('a slow answer does not spoil the result of a quick one', () => {
  const { at, clock, pass } = machine();
  clock.observe(at.wall, at.monotonic);
  const askedAt = at.monotonic;
  // The question took no time, and the answer 400 ms.
  const redisMs = at.wall;
  pass(400);
  clock.observe(redisMs, askedAt);
  expect(Math.abs(clock.now() - at.wall)).toBeLessThan(1);
});

test('a clock of Redis that is set is followed with the next answer', () => {
  const { at, clock } = machine();
  clock.observe(at.wall, at.monotonic);
  clock.observe(at.wall + 5_000, at.monotonic);
  expect([clock.now(), clock.aheadMs()]).toEqual([at.wall + 5_000, -5_000]);
});

test('the skew is said by how much and to which side', () => {
  expect(skewText(90_049)).toBe("90 s ahead of Redis's");
  expect(skewText(-2_500)).toBe("2.5 s behind Redis's");
});
