import { ServingError, messageOf, type ErrorCode } from '../../../../schemas/errors.ts';
import type { StoreTroubles } from '../resultWriter.ts';
import { StoreTrouble } from '../storeTrouble.ts';

/** What went wrong with a Kafka; `reply` is its own name of the error, for example ILLEGAL_GENERATION. */
export class KafkaTrouble extends StoreTrouble {
  override readonly name = 'KafkaTrouble';
}

/** Whether Kafka answered with one of these errors. */
export function isKafkaReply(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof KafkaTrouble && error.reply !== undefined && names.includes(error.reply);
}

/** Which refusals of Kafka concern it as a whole. Where a connection breaks the message may be at fault only if it is larger than
 *  any that is sent: `maxRequestBytes` holds those back. */
export const kafkaTroubles: StoreTroubles = {
  name: 'Kafka',
  concernAll: (error) =>
    error instanceof KafkaTrouble && error.code !== 'kafka-too-large' && error.code !== 'kafka-failed',
};

/** Whether what failed is done soon by another broker, or by the same one: leaders and coordinators move. */
export function isMoving(error: unknown): error is KafkaTrouble {
  return isKafkaReply(
    error,
    'NOT_LEADER_OR_FOLLOWER',
    'LEADER_NOT_AVAILABLE',
    'FENCED_LEADER_EPOCH',
    'UNKNOWN_LEADER_EPOCH',
    'NOT_COORDINATOR',
    'COORDINATOR_NOT_AVAILABLE',
    'COORDINATOR_LOAD_IN_PROGRESS',
    'NOT_CONTROLLER',
  );
}

/** What a connection had seen when it failed. */
export interface Seen {
  /** The TCP connection was made. */
  readonly connected: boolean;
  /** Bytes came from the other side. */
  readonly answered: boolean;
  /** It said which requests it takes, as only a Kafka does. */
  readonly isKafka: boolean;
  readonly timedOut: boolean;
}

/** How this side connects. */
export interface Manner {
  readonly timeoutMs: number;
  readonly tls?: unknown;
  readonly sasl?: { readonly mechanism: string } | undefined;
}

/** The sentence for a connection that could not be made: refused, timeout, DNS, TLS, password and not-Kafka apart.
 *  @param place  host:port */
export function explainConnecting(place: string, manner: Manner, seen: Seen, error: unknown): ServingError {
  if (error instanceof ServingError) return error;
  const where = `Kafka at ${place}`;
  switch (systemCode(error)) {
    case 'ECONNREFUSED':
      return new KafkaTrouble(
        'kafka-refused',
        `${where} refuses the connection: nothing listens there. Check kafkaUrl, and that the broker runs.`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new KafkaTrouble(
        'kafka-dns',
        `The host of ${place} is not known. Check kafkaUrl, and the advertised.listeners of the broker.`,
      );
    default:
  }
  const refusal = findError(
    error,
    ({ name, code }) => name === 'AuthenticationError' || code === authentication,
  );
  if (refusal) return explainSignIn(where, manner, error);
  if (!seen.isKafka && manner.tls !== undefined)
    return new KafkaTrouble(
      'kafka-tls',
      `${where}: the TLS connection failed: ${deepest(error)}. Check kafkaSecureTrustStorePath, and that this port speaks TLS.`,
    );
  if (seen.isKafka && !seen.timedOut && manner.sasl === undefined)
    return new KafkaTrouble(
      'kafka-auth',
      `${where} ends the connection of a client without a user name. Set kafkaUsername and kafkaPassword, for example to \${env:KAFKA_PASSWORD}.`,
    );
  if (seen.timedOut && !seen.answered)
    return new KafkaTrouble(
      'kafka-timeout',
      `${where} does not answer within ${manner.timeoutMs} ms. Check kafkaUrl and kafkaTimeout.`,
    );
  if (seen.connected && !seen.isKafka)
    return new KafkaTrouble(
      'kafka-not-kafka',
      `What listens at ${place} does not answer as Kafka does. Check kafkaUrl; for a Kafka with TLS set kafkaSecureEnabled: true.`,
    );
  return new KafkaTrouble('kafka-failed', `${where}: ${deepest(error)}`);
}

function explainSignIn(where: string, { sasl }: Manner, error: unknown): KafkaTrouble {
  const ids = protocolErrorsOf(error).map(({ apiId }) => apiId);
  if (ids.includes('UNSUPPORTED_SASL_MECHANISM') || ids.includes('ILLEGAL_SASL_STATE'))
    return new KafkaTrouble(
      'kafka-auth',
      `${where} does not let users sign in by ${sasl?.mechanism ?? 'SASL'} on this port. Check kafkaSaslMechanism and kafkaUrl.`,
    );
  return new KafkaTrouble(
    'kafka-auth',
    `${where} refuses the user name or password. Check kafkaUsername and kafkaPassword.`,
  );
}

/** What a request was about, for its sentence. */
export interface Subject {
  readonly topic?: string | undefined;
  readonly group?: string | undefined;
}

type Row = readonly [names: RegExp, code: ErrorCode, says: string];

/** What Kafka's errors mean, the first that fits. @see https://kafka.apache.org/protocol#protocol_error_codes */
const replies: readonly Row[] = [
  [
    /^TOPIC_AUTHORIZATION_FAILED$/,
    'kafka-rights',
    'does not let its user do what is needed with the topic "$TOPIC". Grant Describe, Read, Write and Create on it.',
  ],
  [
    /^GROUP_AUTHORIZATION_FAILED$/,
    'kafka-rights',
    'does not let its user join the group "$GROUP". Grant Read on it.',
  ],
  [/AUTHORIZATION_FAILED$/, 'kafka-rights', 'does not let its user do what is needed ($REPLY).'],
  [
    /^(UNKNOWN_TOPIC_OR_PARTITION|UNKNOWN_TOPIC_ID|INCONSISTENT_TOPIC_ID)$/,
    'kafka-topic-missing',
    'has no topic "$TOPIC", or it was deleted just now.',
  ],
  [
    /^(MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE)$/,
    'kafka-too-large',
    'does not take a message of this size in the topic "$TOPIC". Raise its max.message.bytes, or send less at once.',
  ],
  [
    /^(INVALID_TOPIC_EXCEPTION)$/,
    'kafka-failed',
    'takes no topic of the name "$TOPIC": letters, digits, ".", "_" and "-" are allowed, 249 at most.',
  ],
  [/^UNSUPPORTED_VERSION$/, 'kafka-too-old', 'is older than 3.1, or hides what it can. Update the broker.'],
  [
    /^(LEADER_NOT_AVAILABLE|NOT_LEADER_OR_FOLLOWER|REPLICA_NOT_AVAILABLE|BROKER_NOT_AVAILABLE|COORDINATOR_|NOT_COORDINATOR|NOT_ENOUGH_REPLICAS|REQUEST_TIMED_OUT|FENCED_LEADER_EPOCH|UNKNOWN_LEADER_EPOCH|OFFSET_NOT_AVAILABLE|KAFKA_STORAGE_ERROR|UNSTABLE_OFFSET_COMMIT|NOT_CONTROLLER|INVALID_REPLICATION_FACTOR)/,
    'kafka-unavailable',
    'cannot do that for now ($REPLY): too few of its brokers are there, or they are just starting.',
  ],
];

/** The sentence for a request that failed on a connection that had been made.
 *  @param place  host:port */
export function explainRequest(place: string, subject: Subject, error: unknown): ServingError {
  if (error instanceof ServingError) return error;
  const where = `Kafka at ${place}`;
  const [reply] = protocolErrorsOf(error);
  if (reply) return explainReply(where, subject, reply.apiId, reply.serverErrorMessage ?? undefined);
  if (findError(error, ({ code }) => code === compression))
    return new KafkaTrouble(
      'kafka-failed',
      `The topic "${subject.topic ?? ''}" at ${place} holds messages that are compressed with zstd, which Node.js reads from 22.15 on. Run a newer Node.js, or let the producers use gzip, snappy or lz4.`,
      { wasConnected: true },
    );
  // A bug of this program or of the library.
  if (error instanceof TypeError || error instanceof RangeError) throw error;
  const why = systemCode(error);
  return new KafkaTrouble(
    'kafka-lost',
    `The connection to ${where} was lost${why === undefined ? '' : ` (${why})`}.`,
    { wasConnected: true },
  );
}

export function explainReply(
  where: string,
  { topic = '', group = '' }: Subject,
  reply: string,
  detail?: string,
): KafkaTrouble {
  const [, code, says] = replies.find(([pattern]) => pattern.test(reply)) ?? [
    undefined,
    'kafka-failed' as const,
    'answered with an error: $REPLY',
  ];
  const text = detail === undefined || detail === '' ? reply : `${reply}: ${detail.slice(0, 200)}`;
  const words: Readonly<Record<string, string>> = { $TOPIC: topic, $GROUP: group, $REPLY: text };
  const sentence = says.replace(/\$[A-Z]+/g, (word) => words[word] ?? word);
  return new KafkaTrouble(code, `${where} ${sentence}`, { reply, wasConnected: true });
}

/** The codes of the client library's errors. */
const authentication = 'PLT_KFK_AUTHENTICATION';
const compression = 'PLT_KFK_UNSUPPORTED_COMPRESSION';

interface LibraryError {
  readonly name?: string;
  readonly code?: string;
  readonly apiId?: string;
  readonly serverErrorMessage?: string | null;
}

/** What Kafka itself has said, however deep the library has put it. */
export function protocolErrorsOf(error: unknown): (LibraryError & { readonly apiId: string })[] {
  return [...within(error)].filter(
    (one): one is LibraryError & { readonly apiId: string } => typeof one.apiId === 'string',
  );
}

function findError(error: unknown, isIt: (one: LibraryError) => boolean): LibraryError | undefined {
  return [...within(error)].find(isIt);
}

/** An error, its causes and what it is made of. */
function* within(error: unknown): Generator<LibraryError> {
  if (!(error instanceof Error)) return;
  yield error;
  yield* within(error.cause);
  if (error instanceof AggregateError) for (const one of error.errors) yield* within(one);
}

function systemCode(error: unknown): string | undefined {
  return findError(error, ({ code }) => code !== undefined && /^E[A-Z]/.test(code))?.code;
}

/** What the innermost error says: those around it repeat host and port. */
function deepest(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return deepest(error.errors[0]);
  return error instanceof Error && error.cause !== undefined ? deepest(error.cause) : messageOf(error);
}
