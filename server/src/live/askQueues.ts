import type { Socket } from 'node:net';
import { workersKey } from '../../../schemas/redis/redisKeys.ts';
import type { LiveAddress } from '../language/live.ts';
import { parseRegistration } from '../queue/registry/registryEntries.ts';
import { ReplyError, ReplyParser, type Reply } from '../queue/redis/replyParser.ts';
import { ask, connected, trustedBy } from './askSocket.ts';

/** What is larger is no list for people. In bytes. */
const maxBytes = 4 * 1024 * 1024;

/** The names of the jobs whose workers are registered in a Redis: undefined where it does not answer by the time of the
 *  signal, none where it refuses. The client library is left out on purpose: it would be a third of the program. */
export async function askQueues(
  { host, port, username, password, isSecure, trustStore }: LiveAddress,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const isLate = () => signal.aborted;
  const trusted = await trustedBy(trustStore);
  if (isLate()) return undefined;
  if (trusted === null) return [];
  try {
    return await connected({ host, port }, { isSecure, trusted, signal }, async (socket) => {
      if (password !== undefined) await send(socket, ['AUTH', ...(username ? [username] : []), password]);
      return namesOf(await send(socket, ['HGETALL', workersKey]));
    });
  } catch {
    // Whatever went wrong, the list does without; the start command reports it.
    return isLate() ? undefined : [];
  }
}

/** @throws Error for an error reply, a lost connection, or bytes that are no answer of Redis */
function send(socket: Socket, words: readonly string[]): Promise<Reply> {
  const parser = new ReplyParser();
  let received = 0;
  const request = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
  return ask(socket, `*${words.length}\r\n${request}`, (chunk) => {
    received += chunk.length;
    if (received > maxBytes) throw new Error('the answer is too long');
    if (!parser.push(chunk)) return undefined;
    const { reply } = parser;
    if (reply instanceof ReplyError) throw reply;
    return { answer: reply };
  });
}

/** The values of the hash are registrations; anything else is left out. */
function namesOf(reply: Reply): readonly string[] {
  if (!Array.isArray(reply)) return [];
  const names = reply.flatMap((workerId, i) => {
    const text = reply[i + 1];
    if (i % 2 === 1 || typeof workerId !== 'string' || typeof text !== 'string') return [];
    return parseRegistration(workerId, text)?.jobName ?? [];
  });
  return [...new Set(names)].sort();
}
