import { describe, expect, test } from 'vitest';
import type { ReloadWish } from '../../../schemas/jobEvents.ts';
import { percentOfText } from '../../../schemas/rollout.ts';
import { reloadText, requestOf } from '../../../server/src/queue/registry/reloadRequest.ts';

describe('what a worker is asked for', () => {
  const rollout = (percent: number, isShadow: boolean): ReloadWish => ({
    by: 'rollout',
    rollout: { version: '12', percent, isShadow },
  });

  test.each<ReloadWish>([
    { by: 'command' },
    { by: 'rollback' },
    { by: 'promote' },
    { by: 'abort' },
    rollout(10, false),
    rollout(0.5, true),
    rollout(100, true),
  ])('comes as it was written: %j', (wish) => {
    expect(requestOf(reloadText(wish, 'id-1'))).toEqual({ ...wish, asked: 'id-1' });
  });

  test.each([
    '',
    'rollout',
    'rollout id',
    'rollout id 2 10',
    'rollout id 2 0 visible',
    'rollout id 2 101 visible',
    'rollout id 2 NaN visible',
    'rollout id ../2 10 visible',
    'rollout id 2 10 invisible',
    'rollout id 2 10 shadow more',
    'promote',
    'abort i d',
  ])('is nothing where another program wrote it: %j', (text) => {
    expect(requestOf(text)).toBeUndefined();
  });
});

describe('the text of a share', () => {
  test.each([
    ['10%', 10],
    ['10', 10],
    ['0.5 %', 0.5],
    ['100%', 100],
  ])('%s is a percentage', (text, percent) => {
    expect(percentOfText(text)).toBe(percent);
  });

  test.each(['', '0', '0%', '100.1', '-5', '1e1', '10 percent', '%', 'ten', '10%%'])('%j is none', (text) => {
    expect(percentOfText(text)).toBeUndefined();
  });
});
