import { expect, test } from 'vitest';
import type { RecordsMessage, RecordsQuestion } from '../../../schemas/recordsPage.ts';
import { createRecordsHost } from '../../../web/records/recordsHost.ts';

function setUp() {
  const posted: RecordsQuestion[] = [];
  const queues: RecordsMessage[] = [];
  const host = createRecordsHost(
    { postMessage: (message) => void posted.push(message as RecordsQuestion) },
    (message) => void queues.push(message),
  );
  return { posted, queues, host };
}

test('each answer goes to its question, in whatever order they come', async () => {
  const { posted, host } = setUp();
  const first = host.page({ state: 'dead' });
  const second = host.previews(['1-0']);
  const [one, two] = posted as readonly { readonly question: number }[];
  host.receive({ kind: 'previews', question: two?.question ?? 0, records: [] });
  host.receive({ kind: 'page', question: one?.question ?? 0, page: { records: [], next: '7-0' } });
  expect(await second).toEqual([]);
  expect(await first).toEqual({ records: [], next: '7-0' });
});

test('a question that cannot be answered fails with the reason', async () => {
  const { posted, host } = setUp();
  const asked = host.page({ state: 'waiting', uri: 'x' });
  const [{ question = 0 } = {}] = posted as readonly { readonly question?: number }[];
  host.receive({ kind: 'failed', question, message: 'Redis is away' });
  await expect(asked).rejects.toThrow('Redis is away');
});

test('what is done with records is a message, and news of the queue are passed on', () => {
  const { posted, queues, host } = setUp();
  host.open('5-0');
  host.change('requeue', ['1-0', '2-0']);
  expect(posted).toEqual([
    { kind: 'open', id: '5-0' },
    { kind: 'requeue', ids: ['1-0', '2-0'] },
  ]);
  const news = { kind: 'queue', target: { jobName: 'a', redis: 'b:1' }, hasMoved: true } as const;
  host.receive(news);
  expect(queues).toEqual([news]);
});
