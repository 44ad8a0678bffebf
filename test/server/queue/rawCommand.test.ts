import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { CommandWriter, commandPieces, exchange } from '../../../server/src/queue/redis/rawCommand.ts';

/** A connection in memory, with the listener that the client library has on it. */
function connect(writable = true) {
  const written: Buffer[] = [];
  const seenByLibrary: string[] = [];
  let corked = 0;
  const socket = Object.assign(new EventEmitter(), {
    writable,
    write: (bytes: Uint8Array) => written.push(Buffer.from(bytes)),
    cork: () => (corked += 1),
    uncork: () => (corked -= 1),
  });
  socket.on('data', (chunk: Buffer) => seenByLibrary.push(String(chunk)));
  return {
    redis: { stream: socket } as unknown as Redis,
    socket,
    written: () => String(Buffer.concat(written)),
    seenByLibrary,
    corked: () => corked,
    reply: (text: string) => socket.emit('data', Buffer.from(text)),
  };
}
const ping = Buffer.from('*1\r\n$4\r\nPING\r\n');

/** What a client library writes: the protocol of Redis, word by word. */
const plainCommand = (words: readonly Buffer[]) =>
  Buffer.concat([
    Buffer.from(`*${words.length}\r\n`),
    ...words.flatMap((word) => [Buffer.from(`$${word.length}\r\n`), word, Buffer.from('\r\n')]),
  ]);

describe('an exchange past the client library', () => {
  test('sends the command as it is and resolves with the reply', async () => {
    const { redis, written, reply } = connect();
    const answer = exchange(redis, ping);
    expect(written()).toBe(String(ping));
    reply('+PONG\r\n');
    expect(String(await answer)).toBe('PONG');
  });

  test('reads a reply that comes byte by byte', async () => {
    const { redis, reply } = connect();
    const answer = exchange(redis, ping);
    for (const letter of '*2\r\n:7\r\n$3\r\nabc\r\n') reply(letter);
    expect(String(await answer)).toBe('7,abc');
  });

  test('hides the reply from the library, and gives the connection back after it', async () => {
    const { redis, socket, reply, seenByLibrary } = connect();
    const answer = exchange(redis, ping);
    reply('+PO');
    reply('NG\r\n');
    await answer;
    expect(seenByLibrary).toEqual([]);
    reply('+NEXT\r\n');
    expect(seenByLibrary).toEqual(['+NEXT\r\n']);
    expect(socket.listenerCount('data')).toBe(1);
    expect(socket.listenerCount('close')).toBe(0);
  });

  test.each<[string, (reply: (text: string) => void, close: () => void) => void, RegExp]>([
    ['an error reply', (reply) => reply('-OOM command not allowed\r\n'), /OOM/],
    ['what is no reply', (reply) => reply('HTTP/1.1 400 Bad Request\r\n\r\n'), /^Error: Redis: /],
    ['the end of the connection', (_, close) => close(), /closed/],
    [
      'the end within a reply',
      (reply, close) => {
        reply('$100\r\nabc');
        close();
      },
      /closed/,
    ],
  ])('fails with %s, and gives the connection back', async (_, happen, says) => {
    const { redis, socket, reply } = connect();
    const answer = exchange(redis, ping).catch((error: unknown) => error);
    happen(reply, () => socket.emit('close'));
    expect(String(await answer)).toMatch(says);
    expect(socket.listenerCount('data')).toBe(1);
    expect(socket.listenerCount('close')).toBe(0);
  });

  test('writes nothing on a connection that is closed, and takes nothing from it', async () => {
    const { redis, socket, written } = connect(false);
    await expect(exchange(redis, ping)).rejects.toThrow('closed');
    expect([written(), socket.listenerCount('data')]).toEqual(['', 1]);
  });

  test('writes pieces together, in their order', async () => {
    const { redis, written, reply, corked } = connect();
    const answer = exchange(redis, [Buffer.from('a'), Buffer.from('b'), Buffer.alloc(0), Buffer.from('c')]);
    expect([written(), corked()]).toEqual(['abc', 0]);
    reply(':1\r\n');
    await answer;
  });
});

describe('a command', () => {
  const odd = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', '\0', '\r\n', '$5\r\n', '__proto__', '\ud800', '猫'.repeat(3_000)),
  );
  const value = fc.oneof(odd, fc.integer(), fc.uint8Array({ maxLength: 3_000 }));
  const bytesOf = (one: string | number | Uint8Array) =>
    Buffer.from(typeof one === 'object' ? one : String(one));

  test('of any values is what the protocol says, in pieces or by the writer', () => {
    const writer = new CommandWriter();
    fc.assert(
      fc.property(fc.array(value, { maxLength: 12 }), (values) => {
        const wanted = plainCommand(values.map(bytesOf));
        const pieces = commandPieces(values.map((one) => (typeof one === 'object' ? [one] : one)));
        expect(Buffer.concat(pieces).equals(wanted)).toBe(true);
        writer.begin(values.length);
        writer.add(...values);
        expect(writer.bytes.equals(wanted)).toBe(true);
      }),
    );
  });

  test('whose value is in several pieces is that of the value as a whole', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array(), { maxLength: 6 }), (parts) => {
        const command = Buffer.concat(commandPieces(['XADD', parts, 7]));
        expect(
          command.equals(plainCommand([Buffer.from('XADD'), Buffer.concat(parts), Buffer.from('7')])),
        ).toBe(true);
      }),
    );
  });

  test('shorter than the one before it holds nothing of that', () => {
    const writer = new CommandWriter();
    writer.begin(1);
    writer.add('x'.repeat(100_000));
    writer.begin(1);
    writer.add('y');
    expect(String(writer.bytes)).toBe('*1\r\n$1\r\ny\r\n');
  });
});
