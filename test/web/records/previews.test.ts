import { expect, test } from 'vitest';
import type { RecordPreview } from '../../../schemas/redis/queueReports.ts';
import { createPreviews } from '../../../web/records/previews.ts';
import { rowOf } from '../../../web/records/recordRow.ts';

const row = (i: number) => rowOf('waiting', { id: `${i}-0`, at: i });
const preview = (id: string): RecordPreview => ({ jobName: 'x', id, state: 'waiting', bytes: 1, inputs: [] });

function setUp(answer: (ids: readonly string[]) => readonly RecordPreview[]) {
  const asked: (readonly string[])[] = [];
  let wake: (() => void) | undefined;
  const previews = createPreviews({
    restMs: 0,
    ask: (ids) => {
      asked.push(ids);
      return Promise.resolve(answer(ids));
    },
    onNew: () => wake?.(),
  });
  const next = () => new Promise<void>((resolve) => (wake = resolve));
  return { previews, asked, next };
}

test('only what is in view is asked for, and once', async () => {
  const { previews, asked, next } = setUp((ids) => ids.map(preview));
  previews.want([row(1), row(2)]);
  const known = next();
  previews.want([row(2), row(3)]);
  await known;
  expect(asked).toEqual([['2-0', '3-0']]);
  expect(previews.of('waiting/2-0')?.id).toBe('2-0');
  const more = next();
  previews.want([row(3), row(4)]);
  await more;
  expect(asked[1]).toEqual(['4-0']);
});

test('a record that has gone is not asked for again', async () => {
  const { previews, asked, next } = setUp(() => []);
  const known = next();
  previews.want([row(1)]);
  await known;
  expect(previews.of('waiting/1-0')).toBeUndefined();
  const more = next();
  previews.want([row(1), row(2)]);
  await more;
  expect(asked).toEqual([['1-0'], ['2-0']]);
});

test('a view of many rows is asked for in parts', async () => {
  const { previews, asked, next } = setUp((ids) => ids.map(preview));
  const first = next();
  previews.want(Array.from({ length: 60 }, (_, i) => row(i)));
  await first;
  await next();
  expect(asked.map((ids) => ids.length)).toEqual([40, 20]);
});
