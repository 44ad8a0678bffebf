import { expect, test } from 'vitest';
import { encodeTypedResult } from '../../../server/src/codec/typedForm.ts';
import type { Question } from '../generator.ts';
import { compareIds, createRun } from './backlog.ts';

const question: Question = {
  ...{ uri: 'a', form: 'typed', fields: [] },
  expected: { data: [1], shape: [1, 1] },
};
const result = (value: number) =>
  encodeTypedResult([{ type: 'float32', shape: [1, 1], data: Float32Array.of(value) }], ['y']);

test('ids are in the order of their times and then of their counts', () => {
  const ids = ['10-2', '9-11', '10-10', '9-2'];
  expect(ids.toSorted(compareIds)).toEqual(['9-2', '9-11', '10-2', '10-10']);
  expect(compareIds('5-1', '5-1')).toBe(0);
});

test('entries that the other group reads before their sender has its reply are read, and none is trimmed', () => {
  const run = createRun(3, [question]);
  run.seen(['1-0', '1-1']);
  ['1-0', '1-1', '2-0'].forEach((id, number) => run.accepted(number, id));
  run.seen(['2-0']);
  expect(run.figures()).toMatchObject({ readByOthers: 3, trimmedUnread: 0, found: [] });
  expect(run.isSeen).toBe(true);
});

test('an entry that was gone before the other group came to it counts as trimmed unread', () => {
  const run = createRun(3, [question]);
  ['1-0', '1-1', '2-0'].forEach((id, number) => run.accepted(number, id));
  run.seen(['1-0', '2-0']);
  expect(run.figures()).toMatchObject({ readByOthers: 2, trimmedUnread: 1, found: [] });
  expect(run.isSeen).toBe(true);
});

test('an entry that comes twice is found', () => {
  const run = createRun(2, [question]);
  ['1-0', '1-1'].forEach((id, number) => run.accepted(number, id));
  run.seen(['1-0', '1-0']);
  expect(run.figures().found).toHaveLength(1);
  expect(run.goesOn).toBe(false);
});

test('an answer must be right', () => {
  const run = createRun(2, [question]);
  ['1-0', '1-1'].forEach((id, number) => run.accepted(number, id));
  run.answered(0, result(1), question);
  expect([run.isAnswered, run.goesOn]).toEqual([false, true]);
  run.answered(1, result(2), question);
  expect([run.isAnswered, run.goesOn]).toEqual([true, false]);
});

test('the other group reads when Redis is full or everything is sent, and rests otherwise', () => {
  const run = createRun(2, [question]);
  run.accepted(0, '1-0');
  expect(run.needsRoom()).toBe(false);
  run.refused();
  expect(run.needsRoom()).toBe(true);
  run.seen(['1-0']);
  expect(run.needsRoom()).toBe(false);
  run.accepted(1, '1-1');
  expect(run.needsRoom()).toBe(true);
});
