import { readFile } from 'node:fs/promises';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { workersKey } from '../../../schemas/redis/redisKeys.ts';
import type { LiveAddress } from '../language/live.ts';
import { parseRegistration } from '../queue/registry/registryEntries.ts';
import { ReplyError, ReplyParser, type Reply } from '../queue/redis/replyParser.ts';

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
  const socket = isSecure
    ? connectSecure({ host, port, ...(isIP(host) ? {} : { servername: host }), ...trusted })
    : connectPlain({ host, port });
  const close = () => socket.destroy(new Error('not in time'));
  signal.addEventListener('abort', close);
  try {
    if (password !== undefined) await send(socket, ['AUTH', ...(username ? [username] : []), password]);
    return namesOf(await send(socket, ['HGETALL', workersKey]));
  } catch {
    // Whatever went wrong, the list does without; the start command reports it.
    return isLate() ? undefined : [];
  } finally {
    signal.removeEventListener('abort', close);
    socket.destroy();
  }
}

/** @returns null where a trust store cannot be read here: PKCS#12 takes a library that would be a third of the program, too */
async function trustedBy(trustStore: string | undefined): Promise<{ readonly ca?: string } | null> {
  if (trustStore === undefined) return {};
  const ca = await readFile(trustStore, 'latin1').catch(() => '');
  return ca.includes('-----BEGIN CERTIFICATE') ? { ca } : null;
}

/** @throws Error for an error reply, a lost connection, or bytes that are no answer of Redis */
function send(socket: Socket, words: readonly string[]): Promise<Reply> {
  const parser = new ReplyParser();
  let received = 0;
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      socket.off('data', onData).off('error', onEnd).off('close', onEnd);
      // A late error must not end the process.
      socket.on('error', () => undefined);
      settle();
    };
    const onEnd = (error?: unknown) =>
      end(() => reject(error instanceof Error ? error : new Error('the connection is closed')));
    const onData = (chunk: Buffer) => {
      try {
        received += chunk.length;
        if (received > maxBytes) throw new Error('the answer is too long');
        if (!parser.push(chunk)) return;
      } catch (error) {
        onEnd(error);
        return;
      }
      const { reply } = parser;
      if (reply instanceof ReplyError) onEnd(reply);
      else end(() => resolve(reply));
    };
    socket.on('data', onData).on('error', onEnd).on('close', onEnd);
    socket.write(
      `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
    );
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
