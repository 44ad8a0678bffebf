import { describe, expect, test } from 'vitest';
import { ServingError } from '../../../../schemas/errors.ts';
import { inOrder } from '../../../../client/src/jobs/several/inOrder.ts';
import { allRefusals, shortRefusals, unnamed } from '../../../../client/src/jobs/several/refusedText.ts';
import { runEach } from '../../../../client/src/jobs/several/runEach.ts';

const nameOf = (name: string) => name;

describe('the same with each', () => {
  test('one that fails keeps none of the others from it, and each refusal has its name', async () => {
    const begun: string[] = [];
    const outcome = await runEach(
      ['a', 'b', 'c', 'd'],
      (name) => {
        begun.push(name);
        if (name === 'a') return Promise.reject(new ServingError('job-failed', 'No memory.'));
        if (name === 'c') return Promise.reject(new Error('It was killed'));
        return Promise.resolve(true);
      },
      { nameOf, atOnce: 1 },
    );
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    expect(outcome).toEqual({
      done: 2,
      refused: [
        { name: 'a', why: 'No memory.' },
        { name: 'c', why: 'It was killed' },
      ],
    });
  });

  test.each([1, 2, 7])('of five, not more than %i are at work together', async (atOnce) => {
    let working = 0;
    let most = 0;
    const outcome = await runEach(
      ['a', 'b', 'c', 'd', 'e'],
      async () => {
        working += 1;
        most = Math.max(most, working);
        await Promise.resolve();
        working -= 1;
        return true;
      },
      { nameOf, atOnce },
    );
    expect(outcome).toEqual({ done: 5, refused: [] });
    expect(most).toBe(Math.min(5, atOnce));
  });

  test('refusals stand in the order of the rows, whichever came first', async () => {
    let letFirstFail: () => void = () => undefined;
    const first = new Promise<boolean>((_resolve, reject) => {
      letFirstFail = () => reject(new Error('late'));
    });
    const outcome = await runEach(
      ['a', 'b'],
      (name) => {
        if (name === 'a') return first;
        letFirstFail();
        return Promise.reject(new Error('early'));
      },
      { nameOf, atOnce: 2 },
    );
    expect(outcome.refused.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('after a cancel none is begun, and what was cancelled is neither done nor refused', async () => {
    const abort = new AbortController();
    const begun: string[] = [];
    const outcome = await runEach(
      ['a', 'b', 'c'],
      (name) => {
        begun.push(name);
        if (name === 'b') abort.abort();
        return Promise.resolve(!abort.signal.aborted);
      },
      { nameOf, atOnce: 1, signal: abort.signal },
    );
    expect(begun).toEqual(['a', 'b']);
    expect(outcome).toEqual({ done: 1, refused: [] });
  });
});

test('what is done in order begins when the one before it has ended', async () => {
  const steps: string[] = [];
  const results = await inOrder([1, 2, 3], async (item) => {
    steps.push(`begin ${item}`);
    await Promise.resolve();
    steps.push(`end ${item}`);
    return item * 2;
  });
  expect(results).toEqual([2, 4, 6]);
  expect(steps).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
});

describe('what was refused', () => {
  const refused = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, why: `No ${name}` }));

  test('a notification names three, and says how many it does not name', () => {
    expect(shortRefusals({ done: 0, refused })).toBe('a: No a. b: No b. c: No c.');
    expect(unnamed({ done: 0, refused })).toBe(2);
    expect(unnamed({ done: 9, refused: refused.slice(0, 2) })).toBe(0);
  });

  test('the list names each, and a sentence that ends gets no second full stop', () => {
    const all = [...refused, { name: 'f', why: 'It is answered already.' }];
    const lines = allRefusals({ done: 0, refused: all }).trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[5]).toBe('f: It is answered already.');
  });
});
