import { expect, test } from 'vitest';
import type { Translate } from '../../../client/src/views/figures.ts';
import {
  consumerRow,
  deadListRow,
  deadRow,
  failureRow,
  groupRow,
  moreRow,
  pendingListRow,
  pendingRow,
  queueRow,
  waitingListRow,
  waitingRow,
} from '../../../client/src/views/queueRows.ts';
import { aQueue } from '../aQueue.ts';

const t: Translate = (message, ...args) => message.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)]));
const ages = { yellowMs: 30_000, redMs: 60_000 };
const busy = aQueue({
  waiting: 7,
  pending: 5,
  dead: 2,
  oldestAgeMs: 61_000,
  inPerSecond: 3,
  outPerSecond: 4,
});

test('a row keeps its id while every figure changes', () => {
  const ids = (queue: ReturnType<typeof aQueue>) =>
    [
      queueRow('q', queue, t, ages),
      waitingListRow('q', queue, t),
      pendingListRow('q', queue, t),
      deadListRow('q', queue, t),
      ...queue.groups.map((group) => groupRow('q', group, t)),
    ].map(({ id }) => id);
  expect(ids(busy)).toEqual(ids(aQueue()));
  const letter = { id: '5-0', reason: 'r', at: 0, deliveries: 1, requeued: 0 };
  expect(deadRow('q/dead', letter, t).id).toBe(
    deadRow('q/dead', { ...letter, uri: 'u', deliveries: 2 }, t).id,
  );
});

test.each([
  [29_999, 'list-ordered'],
  [30_000, 'warning'],
  [60_000, 'error'],
])('a queue whose oldest record has waited for %i ms has the icon %s', (oldestAgeMs, icon) => {
  expect(queueRow('q', aQueue({ oldestAgeMs }), t, ages).icon).toBe(icon);
});

test('a queue shows what waits, comes in and goes out', () => {
  const { description } = queueRow('q', busy, t, ages);
  for (const part of ['7 waiting', '5 pending', '2 dead', '3/s in', '4/s out', 'oldest 61 s'])
    expect(description).toContain(part);
});

test('a queue whose Redis is away says so, and offers nothing that needs it', () => {
  expect(queueRow('q', busy, t, ages, 'Redis is away')).toMatchObject({
    icon: 'debug-disconnect',
    context: 'queueAway',
  });
});

test('what is empty has no menu', () => {
  expect(
    [waitingListRow('q', aQueue(), t), deadListRow('q', aQueue(), t)].map(({ context }) => context),
  ).toEqual(['nothing', 'nothing']);
  expect([waitingListRow('q', busy, t), deadListRow('q', busy, t)].map(({ context }) => context)).toEqual([
    'waiting',
    'deadLetters',
  ]);
});

test('a consumer that works looks the same from second to second', () => {
  const row = (idleMs: number) => consumerRow('g', { name: 'c', pending: 0, idleMs }, t);
  expect(row(100)).toEqual(row(1_900));
  expect(row(100)).not.toEqual(row(60_000));
});

test('a dead letter shows its reason, a pending record who has it', () => {
  const letter = { id: '5-0', uri: 'one', reason: 'input-mismatch: no', at: 0, deliveries: 1, requeued: 0 };
  expect(deadRow('l', letter, t)).toMatchObject({ label: 'one', description: 'input-mismatch: no' });
  const record = { id: '5-0', consumer: 'cs-w1', worker: '7@here', since: 1_700_000_000_000, deliveries: 2 };
  expect(pendingRow('l', record, t)).toMatchObject({
    label: '5-0',
    description: `7@here · since ${new Date(record.since).toLocaleTimeString()} · 2 deliveries`,
  });
});

test('a record that waits looks the same as time passes, and shows that it was put back', () => {
  const record = { id: '1700000000000-0', uri: 'one', at: 1_700_000_000_000, requeued: 2 };
  const row = waitingRow('q/waiting', record, t);
  expect(row).toMatchObject({ id: 'q/waiting/1700000000000-0', label: 'one', context: 'waitingRecord' });
  expect(row.tooltip).toContain('put back 2 times');
  expect(waitingRow('q/waiting', record, t)).toEqual(row);
});

const at = 1_700_000_000_000;
const aLetter = { id: '5-0', reason: 'r', at, deliveries: 1, requeued: 0 };

test('a record of Kafka has the time of its message, and none where only its place is known', () => {
  const time = new Date(at).toLocaleString();
  const waiting = waitingRow('l', { id: '3-15', uri: 'one', at, requeued: 0 }, t);
  expect(waiting.tooltip.split('\n')).toEqual(['one', '3-15', time]);
  const pending = { id: '3-15', consumer: 'cs-w1', since: at, deliveries: 1 };
  expect(pendingRow('l', pending, t).tooltip.split('\n')).toEqual(['3-15', 'cs-w1']);
  const ofRedis = { ...pending, id: `${at}-0` };
  expect(pendingRow('l', ofRedis, t).tooltip.split('\n')).toEqual([`${at}-0`, 'cs-w1', time]);
  const letter = { id: 'dead-7', reason: 'r', at, deliveries: 1, requeued: 0 };
  expect(deadRow('l', letter, t).tooltip).toContain(time);
});

test.each([
  ['thirteen-char', 'thirteen-char'],
  ['fourteen-chars', 'fourteen-chars'],
  ['fifteen-of-them', 'fifteen-of…'],
  ['123456789\u{1f600}12345', '123456789…'],
  ['12345678\u{1f600}123456', '12345678\u{1f600}…'],
])('a record called %j has the label %j, and its whole name below', (uri, label) => {
  const row = waitingRow('l', { id: '5-0', uri, at, requeued: 0 }, t);
  expect([row.label, row.tooltip.split('\n')[0]]).toEqual([label, uri]);
});

test('what is unknown of a queue is left out, and what is nothing is shown', () => {
  const { description } = queueRow('q', aQueue(), t, ages);
  expect(description.split(' · ')).toEqual(['0 waiting', '0 pending', '0/s out']);
  const [group] = aQueue().groups;
  if (!group) throw new Error('A queue has a group.');
  const ofKafka = { ...group };
  delete ofKafka.behind;
  expect(groupRow('q', ofKafka, t).description).toBe('1 consumer · 0 pending');
  expect(groupRow('q', { ...group, consumerCount: 0, behind: 12_345 }, t).description).toBe(
    '0 consumers · 0 pending · 12.3k behind',
  );
});

test('the last rows of a list have ids of their own, beside those of its records', () => {
  const ids = [moreRow('q/dead', t), failureRow('q/dead', 'away'), deadRow('q/dead', aLetter, t)].map(
    ({ id }) => id,
  );
  expect(ids).toEqual(['q/dead/more', 'q/dead/failure', 'q/dead/5-0']);
  expect(failureRow('l', 'away')).toMatchObject({ label: 'away', tooltip: 'away', context: 'failure' });
});

test.each([
  [{}, ['r', '1 delivery', '5-0']],
  [{ deliveries: 0 }, ['0 deliveries']],
  [{ consumer: 'cs-w1' }, ['cs-w1']],
  [{ consumer: 'cs-w1', worker: '7@here' }, ['7@here']],
  [{ requeued: 2 }, ['put back 2 times before']],
])('a dead letter with %j says %j', (more, lines) => {
  const tooltip = deadRow('l', { ...aLetter, ...more }, t).tooltip.split('\n');
  expect(tooltip).toEqual(expect.arrayContaining(lines));
  expect(tooltip).not.toContain('undefined');
  expect(tooltip[0]).not.toBe('');
});
