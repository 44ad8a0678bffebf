import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createMessageReader, writeMessage } from '../../../../server/src/queue/pipe/messages.ts';
import { createPipeQueue } from '../../../../server/src/queue/pipe/pipeQueue.ts';
import { connectTask } from '../../../../server/src/queue/pipe/task.ts';
import type { QueuedRecord } from '../../../../server/src/queue/recordQueue.ts';

/** The other end of the pipe, in the test's hand. */
function openPipe() {
  const input = new PassThrough();
  const output = new PassThrough();
  const said: string[][] = [];
  let hear: () => void = () => undefined;
  output.on(
    'data',
    createMessageReader([], (message) => {
      said.push(message.map(String));
      hear();
    }),
  );
  const troubles: (string | null)[] = [];
  const refused: string[] = [];
  let gone = 0;
  let drained = 0;
  const task = connectTask(input, output, () => {
    gone += 1;
  });
  const queue = createPipeQueue({
    task,
    redis: { host: 'redis', port: 6379, timeoutMs: 1_000 },
    onTrouble: (message) => troubles.push(message),
    onRefused: (_, reason) => refused.push(reason),
    onDrained: () => {
      drained += 1;
    },
  });
  return {
    task,
    queue,
    said,
    troubles,
    refused,
    input,
    gone: () => gone,
    drained: () => drained,
    send: (...items: readonly (string | number)[]) => writeMessage(input, items),
    /** As Message.java writes it: numbers as such, arrays within arrays. */
    sendRecords(
      ...records: readonly (readonly [
        id: string,
        deliveries: number,
        deaths: number,
        fields: readonly string[],
      ])[]
    ) {
      const text = (value: string) => `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
      const entries = records.map(
        ([id, deliveries, deaths, fields]) =>
          `*4\r\n${text(id)}:${deliveries}\r\n:${deaths}\r\n*${fields.length}\r\n${fields.map(text).join('')}`,
      );
      const bytes = Buffer.from(`*2\r\n${text('records')}*${entries.length}\r\n${entries.join('')}`);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      input.write(Buffer.concat([length, bytes]));
    },
    /** The next message of that name. */
    async heard(name: string): Promise<string[]> {
      for (;;) {
        const at = said.findIndex(([first]) => first === name);
        if (at >= 0) return said.splice(at, 1)[0] ?? [];
        await new Promise<void>((resolve) => {
          hear = resolve;
        });
      }
    },
    /** Refuses a call as Calls.java does. */
    refuse(call: string | undefined, wasReached: boolean, why: string) {
      const bytes = Buffer.concat([
        Buffer.from('*4\r\n$2\r\nno\r\n'),
        Buffer.from(`:${call ?? ''}\r\n:${wasReached ? 1 : 0}\r\n$${Buffer.byteLength(why)}\r\n${why}\r\n`),
      ]);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      input.write(Buffer.concat([length, bytes]));
    },
  };
}

const ids = (records: readonly QueuedRecord[]) => records.map(({ id }) => id);

test('records are handed out as they come, by what their clients have said of them', async () => {
  const pipe = openPipe();
  const taking = pipe.queue.take(10, 60_000);
  pipe.sendRecords(
    ['1-1', 1, -1, ['uri', 'a', 'data', 'x', 'serde', 'stream']],
    ['1-2', 1, -1, ['data', 'y', 'shared-by', '3']],
  );
  expect(await taking).toMatchObject([
    { id: '1-1', uri: 'a', data: 'x', serde: 'stream', deliveries: 1, deaths: 0, alone: false, sharedBy: 1 },
    { id: '1-2', uri: undefined, data: 'y', sharedBy: 3 },
  ]);
});

test('a record that is to run alone is handed out by itself, and no more than wanted at once', async () => {
  const pipe = openPipe();
  const plain = (id: string) => [id, 1, -1, []] as const;
  pipe.sendRecords(plain('1-1'), plain('1-2'), ['1-3', 2, 1, []], plain('1-4'));
  expect(ids(await pipe.queue.take(1, 10))).toEqual(['1-1']);
  expect(ids(await pipe.queue.take(10, 10))).toEqual(['1-2']);
  expect(await pipe.queue.take(10, 10)).toMatchObject([{ id: '1-3', alone: true, deaths: 1, deliveries: 2 }]);
  expect(ids(await pipe.queue.take(10, 10))).toEqual(['1-4']);
});

test('a take that waits ends when it is woken, and the end of the input shows once all is taken', async () => {
  const pipe = openPipe();
  const taking = pipe.queue.take(10, 60_000);
  await pipe.queue.wake();
  expect(await taking).toEqual([]);
  pipe.sendRecords(['1-1', 1, -1, []]);
  pipe.send('end');
  expect(ids(await pipe.queue.take(10, 60_000))).toEqual(['1-1']);
  expect(pipe.drained()).toBe(0);
  expect(await pipe.queue.take(10, 60_000)).toEqual([]);
  expect(pipe.drained()).toBe(1);
});

async function oneRecord(pipe: ReturnType<typeof openPipe>, more: readonly [number, number] = [1, -1]) {
  pipe.sendRecords(['5-1', ...more, ['uri', 'a', 'data', 'x']]);
  const [record] = await pipe.queue.take(1, 60_000);
  if (!record) throw new Error('none came');
  return record;
}

test('answers are finished when the task has written them', async () => {
  const pipe = openPipe();
  const record = await oneRecord(pipe);
  let isDone = false;
  const finishing = pipe.queue.finish([{ record, value: 'result' }]).then(() => {
    isDone = true;
  });
  const [, call, , ...rows] = await pipe.heard('finish');
  expect(rows).toEqual(['1', '5-1', 'a', 'result']);
  expect(isDone).toBe(false);
  pipe.send('ok', call ?? '');
  await finishing;
});

test('what is given up has its number, reason and deliveries behind the answers', async () => {
  const pipe = openPipe();
  const record = await oneRecord(pipe, [3, 2]);
  const finishing = pipe.queue.finish([{ record, value: 'NaN', reason: 'delivery-limit: why' }]);
  const [, call, , ...rows] = await pipe.heard('finish');
  expect(rows).toEqual(['1', '5-1', 'a', 'NaN', '1', 'delivery-limit: why', '3']);
  pipe.send('ok', call ?? '');
  await finishing;
  expect(await pipe.heard('spare')).toEqual(['spare', '0', 'deaths:5-1']);
});

test('a Redis that is away is waited out, and said once it is and once it is not', async () => {
  const pipe = openPipe();
  const record = await oneRecord(pipe);
  const finishing = pipe.queue.finish([{ record, value: 'result' }]);
  pipe.refuse((await pipe.heard('finish'))[1], false, 'Connection refused');
  pipe.refuse((await pipe.heard('finish'))[1], true, 'LOADING Redis is loading the dataset in memory');
  pipe.send('ok', (await pipe.heard('finish'))[1] ?? '');
  await finishing;
  expect(pipe.troubles.at(-1)).toBe(null);
  expect(pipe.troubles[0]).toContain('Connection refused');
  expect(pipe.refused).toEqual([]);
});

test('a result that Redis never takes is given up with its reason', async () => {
  const pipe = openPipe();
  const record = await oneRecord(pipe);
  const finishing = pipe.queue.finish([{ record, value: 'result' }]);
  for (let i = 0; i < 3; i++)
    pipe.refuse((await pipe.heard('finish'))[1], true, 'ERR Protocol error: invalid bulk length');
  const [, call, , ...rows] = await pipe.heard('finish');
  expect(rows.slice(0, 5)).toEqual(['1', '5-1', 'a', 'NaN', '1']);
  expect(rows[5]).toMatch(/^result-refused: /);
  pipe.send('ok', call ?? '');
  await finishing;
  expect(pipe.refused).toHaveLength(1);
});

test('records that come again reach the model only when Redis knows that it has them', async () => {
  const pipe = openPipe();
  const again = await oneRecord(pipe, [2, 0]);
  let isNoted = false;
  const noting = pipe.queue.noteRunning([again]).then(() => {
    isNoted = true;
  });
  const [, call, noted] = await pipe.heard('note');
  expect(noted).toBe('5-1');
  expect(isNoted).toBe(false);
  pipe.send('ok', call ?? '');
  await noting;
});

test('a renewal brings the time of Redis and what the task has done', async () => {
  const pipe = openPipe();
  const registration = { workerId: 'w' } as Parameters<typeof pipe.queue.renew>[0];
  const renewing = pipe.queue.renew(registration, undefined);
  const [, call, json, heartbeat] = await pipe.heard('renew');
  expect([json, heartbeat]).toEqual(['{"workerId":"w"}', '']);
  pipe.send('ok', call ?? '', 1_000_000_000_000, 3, 2);
  expect(await renewing).toEqual({ stop: false });
  expect([pipe.queue.takenOver, pipe.queue.reconnects]).toEqual([3, 2]);
  expect(Math.abs(pipe.queue.now() - 1_000_000_000_000)).toBeLessThan(60_000);
});

test('the end of the pipe is noticed', async () => {
  const pipe = openPipe();
  pipe.input.end();
  await new Promise((resolve) => pipe.input.once('close', resolve));
  expect(pipe.gone()).toBeGreaterThan(0);
});
