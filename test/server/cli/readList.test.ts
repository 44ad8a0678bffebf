import { expect, test } from 'vitest';
import { searchedAtMost } from '../../../schemas/programs/cliOptions.ts';
import type { PageRequest } from '../../../server/src/queue/readQueue.ts';
import { noneText, readList } from '../../../server/src/cli/queue/readList.ts';

interface Listed {
  readonly id: string;
  readonly uri?: string;
}

/** A list of this many records, `uri-0` and so on, in pages of at most this many. */
function aList(length: number, pageMost = 1_000) {
  const asked: PageRequest[] = [];
  const read = (request: PageRequest) => {
    asked.push(request);
    const from = request.after === undefined ? 0 : Number(request.after.split('-')[0]) + 1;
    const to = Math.min(length, from + Math.min(pageMost, request.count));
    const records: Listed[] = Array.from({ length: to - from }, (_, i) => ({
      id: `${from + i}-0`,
      uri: `uri-${from + i}`,
    }));
    const last = records.at(-1);
    return Promise.resolve({ records, ...(last && to < length ? { next: last.id } : {}) });
  };
  return { read, asked };
}

const ids = (records: readonly Listed[]) => records.map(({ id }) => id);

test('a list that is not searched is one page as it was asked for', async () => {
  const { read, asked } = aList(300);
  const page = await readList(read, { count: 100, after: '49-0' });
  expect(ids(page.records)).toHaveLength(100);
  expect(page).toMatchObject({ next: '149-0' });
  expect(page).not.toHaveProperty('searched');
  expect(asked).toEqual([{ count: 100, after: '49-0' }]);
});

test('a search finds parts of uris and ids in whatever case, through all pages', async () => {
  const { read } = aList(2_500, 400);
  expect(ids((await readList(read, { count: 10, uri: 'URI-2499' })).records)).toEqual(['2499-0']);
  expect(ids((await readList(read, { count: 10, uri: '1777-0' })).records)).toEqual(['1777-0']);
  expect(await readList(read, { count: 10, uri: 'none' })).toEqual({ records: [], searched: 2_500 });
});

test('a search that has found as many as asked for goes on after the last of them', async () => {
  const { read } = aList(2_000);
  const found: string[] = [];
  let after: string | undefined;
  do {
    const page = await readList(read, { count: 7, uri: '99', ...(after === undefined ? {} : { after }) });
    expect(page.records.length).toBeLessThanOrEqual(7);
    found.push(...ids(page.records));
    after = page.next;
  } while (after !== undefined);
  const all = Array.from({ length: 2_000 }, (_, i) => `${i}-0`).filter((id) => id.includes('99'));
  expect(found).toEqual(all);
});

test('a search looks at a fixed number of records, and says where it goes on', async () => {
  const { read, asked } = aList(1_000_000);
  const page = await readList(read, { count: 10, uri: 'nowhere' });
  expect(page).toEqual({ records: [], next: `${searchedAtMost - 1}-0`, searched: searchedAtMost });
  expect(asked).toHaveLength(20);
});

test('a search over large records, whose pages are short, ends after a fixed number of pages', async () => {
  const { read, asked } = aList(1_000_000, 3);
  const page = await readList(read, { count: 10, uri: 'nowhere' });
  expect(page).toEqual({ records: [], next: '149-0', searched: 150 });
  expect(asked).toHaveLength(50);
});

test('a record without a uri is found by its id only', async () => {
  const read = () => Promise.resolve({ records: [{ id: '5-1' }] });
  expect((await readList(read, { count: 10, uri: '5-' })).records).toHaveLength(1);
  expect((await readList(read, { count: 10, uri: 'undefined' })).records).toEqual([]);
});

test('what is said of no records depends on whether they were searched', () => {
  expect(noneText(undefined, 'It is empty.')).toBe('It is empty.');
  expect(noneText('x', 'It is empty.')).toContain('"x"');
});
