import { ServingError, messageOf, type ErrorCode } from '../../../../schemas/errors.ts';
import { beginning } from '../../../../schemas/printable.ts';
import type { StoreTroubles } from '../resultWriter.ts';
import { StoreTrouble } from '../storeTrouble.ts';
import { DeadlineError } from './withDeadline.ts';

/** What sentences say of where a Redis is. */
export interface RedisAddressText {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly tls?: unknown;
}

/** What went wrong with a Redis; `reply` is the first word of its error reply. The client library hangs the whole command that
 *  failed on its errors, payloads included: nothing of it is kept here. */
export class RedisTrouble extends StoreTrouble {
  override readonly name = 'RedisTrouble';
}

const troublesOfAll: readonly ErrorCode[] = [
  'redis-auth',
  'redis-rights',
  'redis-full',
  'redis-loading',
  'redis-replica',
  'redis-refusing',
  'redis-cluster',
];

/** Which refusals of Redis concern it as a whole. */
export const redisTroubles: StoreTroubles = {
  name: 'Redis',
  concernAll: (error) =>
    error instanceof RedisTrouble && (!error.wasConnected || troublesOfAll.includes(error.code)),
};

/** An error reply of Redis (the connection is fine), as against a lost connection. */
export function isReplyError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}

/** An error reply of Redis that no link has explained, as an error with a code: it is not a bug, wherever it came up.
 *  @returns undefined for anything else */
export function unexplainedReply(error: unknown): ServingError | undefined {
  if (!isReplyError(error)) return undefined;
  return new ServingError('redis-failed', `Redis answered with an error: ${error.message}`);
}

/** Whether Redis answered with an error reply that begins with this word. */
export function isReply(error: unknown, word: string): boolean {
  if (error instanceof RedisTrouble) return error.reply === word;
  return isReplyError(error) && firstWord(error.message) === word;
}

/** Whether a right of the user is missing, also for a command within a script. */
export function isDenied(error: unknown): boolean {
  return isReply(error, 'NOPERM') || (isReplyError(error) && denial.test(error.message));
}

const denial = /^NOPERM|user executing the script can't|ACL failure in script/;

export function addressText(address: { host: string; port: number }): string {
  return `${address.host}:${address.port}`;
}

/** The sentence for a command that failed on a connection that had been made. */
export function explainCommand(address: RedisAddressText, error: unknown): ServingError {
  if (error instanceof ServingError) return error;
  if (isReplyError(error)) return explainReply(address, error.message, true);
  const where = `Redis at ${addressText(address)}`;
  if (error instanceof DeadlineError)
    return new RedisTrouble('redis-timeout', `${where} has not answered in time.`, { wasConnected: true });
  // What the library says about itself does not help a user.
  const why = systemCode(error) === undefined ? '' : ` (${messageOf(error)})`;
  return new RedisTrouble('redis-lost', `The connection to ${where} was lost${why}.`, { wasConnected: true });
}

/** The sentence for a connection that could not be made: refused, timeout, password, TLS, DNS and not-Redis apart. */
export function explainConnecting(address: RedisAddressText, error: unknown): ServingError {
  if (error instanceof ServingError) return error;
  const where = `Redis at ${addressText(address)}`;
  const text = messageOf(error);
  if (error instanceof DeadlineError || systemCode(error) === 'ETIMEDOUT' || text === 'connect ETIMEDOUT')
    return new RedisTrouble(
      'redis-timeout',
      `${where} does not answer within ${address.timeoutMs} ms. Check redisUrl and redisTimeout.`,
    );
  switch (systemCode(error)) {
    case 'ECONNREFUSED':
      return new RedisTrouble(
        'redis-refused',
        `${where} refuses the connection: nothing listens there. Check redisUrl, or start a Redis on that port.`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new RedisTrouble('redis-dns', `The host of redisUrl, "${address.host}", is not known.`);
    default:
  }
  if (isReplyError(error)) return explainReply(address, error.message, false);
  if (address.tls)
    return new RedisTrouble(
      'redis-tls',
      `${where}: the TLS connection failed: ${text}. Check redisSecureTrustStorePath, and that this port speaks TLS.`,
    );
  // Neither an answer of Redis nor a fault of the network: the bytes that came are of another protocol, or none came.
  if (systemCode(error) === undefined || systemCode(error) === 'ECONNRESET')
    return new RedisTrouble(
      'redis-not-redis',
      `What listens at ${addressText(address)} does not answer as Redis does (${text}). Check redisUrl; for a Redis with TLS set redisSecureEnabled: true.`,
    );
  return new RedisTrouble('redis-failed', `${where}: ${text}`);
}

type Row = readonly [word: RegExp, code: ErrorCode, says: string];

/** What Redis's error replies mean, the first that fits. @see the Redis documentation of error replies */
const replies: readonly Row[] = [
  [/^NOAUTH/, 'redis-auth', 'asks for a password. Set redisPassword, for example to ${env:REDIS_PASSWORD}.'],
  [
    /^(WRONGPASS|ERR (AUTH|invalid password|Client sent AUTH))/,
    'redis-auth',
    'refuses the user name or password: $REPLY. Check redisUsername and redisPassword.',
  ],
  [/^DENIED/, 'redis-auth', 'is in protected mode and refuses other machines: $REPLY'],
  [
    denial,
    'redis-rights',
    'does not let its user do what is needed ($REPLY). "cluster-serving doctor" prints the line that grants the rights.',
  ],
  [
    /^OOM/,
    'redis-full',
    'has reached its maxmemory and takes nothing new until results are read or the limit is raised.',
  ],
  [/^READONLY/, 'redis-replica', 'is a replica just now and takes no writes.'],
  [/^LOADING/, 'redis-loading', 'is still loading its data.'],
  [/^MASTERDOWN/, 'redis-replica', 'is a replica that has lost its primary.'],
  [
    /^MISCONF/,
    'redis-refusing',
    'refuses writes because it cannot save its data; its log says why, most often a full disk.',
  ],
  [/^NOREPLICAS/, 'redis-refusing', 'refuses writes because too few of its replicas are connected.'],
  [/^BUSY /, 'redis-refusing', "is busy with another client's script."],
  [
    /^(MOVED|ASK|CROSSSLOT|CLUSTERDOWN|TRYAGAIN)/,
    'redis-cluster',
    'is a node of a Redis Cluster, which Cluster Serving does not work with. Set redisUrl to a Redis without cluster mode.',
  ],
  [
    /invalid (multi)?bulk length|exceeds maximum allowed size/,
    'redis-too-large',
    'does not take a value of this size ($REPLY). Raise its proto-max-bulk-len, or send less at once.',
  ],
];

function explainReply(address: RedisAddressText, text: string, wasConnected: boolean): RedisTrouble {
  const reply = withoutArguments(text);
  const [, code, says] = replies.find(([pattern]) => pattern.test(reply)) ?? [
    undefined,
    'redis-failed' as const,
    'answered with an error: $REPLY',
  ];
  const message = `Redis at ${addressText(address)} ${says.replace('$REPLY', () => reply)}`;
  return new RedisTrouble(code, message, {
    reply: code === 'redis-rights' ? 'NOPERM' : firstWord(reply),
    wasConnected,
  });
}

/** Redis repeats the arguments of a command that it does not know, payloads among them. */
function withoutArguments(reply: string): string {
  const short = reply.replace(/,? with args beginning with.*$/s, '').replace(/\s+/g, ' ');
  return short.length > 200 ? `${beginning(short, 200)}…` : short;
}

function firstWord(reply: string): string {
  return /^\S*/.exec(reply)?.[0] ?? '';
}

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
