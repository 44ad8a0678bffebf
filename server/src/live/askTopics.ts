import type { Socket } from 'node:net';
import type { HostPort } from '../../../schemas/config/configKey.ts';
import type { KafkaTopic, LiveKafka } from '../language/live.ts';
import { ask, connected, trustedBy, type Trusted } from './askSocket.ts';

/** What is larger is no list for people. In bytes. */
const maxBytes = 4 * 1024 * 1024;
const clientId = 'cluster-serving';

/* Requests and responses of Kafka's protocol, in the oldest forms that brokers from 3.1 on take. The client library is left out on
   purpose: it would be more than the program.
   @see Kafka's protocol guide: Metadata v4, SaslHandshake v1, SaslAuthenticate v0 */
const metadata = { key: 3, version: 4 };
const saslHandshake = { key: 17, version: 1 };
const saslAuthenticate = { key: 36, version: 0 };

/** The topics of a Kafka that people give names to: undefined where no broker answers by the time of the signal, none where it
 *  refuses. It is signed in by PLAIN only. */
export async function askTopics(
  address: LiveKafka,
  signal: AbortSignal,
): Promise<readonly KafkaTopic[] | undefined> {
  const isLate = () => signal.aborted;
  if (address.sasl && address.sasl.mechanism !== 'PLAIN') return [];
  const trusted = await trustedBy(address.trustStore);
  if (isLate()) return undefined;
  if (!trusted) return [];
  try {
    return await Promise.any(address.brokers.map((broker) => askBroker(broker, address, trusted, signal)));
  } catch {
    // Whatever went wrong, the list does without; the start command reports it.
    return isLate() ? undefined : [];
  }
}

function askBroker(
  broker: HostPort,
  { isSecure, sasl }: LiveKafka,
  trusted: Trusted,
  signal: AbortSignal,
): Promise<readonly KafkaTopic[]> {
  return connected(broker, { isSecure, trusted, signal }, async (socket) => {
    if (sasl) {
      requireNoError(await send(socket, saslHandshake, text(sasl.mechanism)));
      const login = Buffer.from(`\0${sasl.username}\0${sasl.password}`);
      requireNoError(await send(socket, saslAuthenticate, Buffer.concat([int32(login.length), login])));
    }
    // No list of names is all of them; nothing is made by the question.
    return topicsIn(await send(socket, metadata, Buffer.concat([int32(-1), Buffer.from([0])])));
  });
}

/** @returns the body of the response @throws Error for a lost connection, or bytes that are no response of Kafka */
function send(socket: Socket, api: { key: number; version: number }, body: Buffer): Promise<Buffer> {
  const header = Buffer.concat([int16(api.key), int16(api.version), int32(0), text(clientId)]);
  const chunks: Buffer[] = [];
  let received = 0;
  return ask(socket, Buffer.concat([int32(header.length + body.length), header, body]), (chunk) => {
    chunks.push(chunk);
    received += chunk.length;
    if (received < 8) return undefined;
    const bytes = Buffer.concat(chunks);
    const length = bytes.readInt32BE(0);
    // Behind the length stands the number of the request, which is always 0.
    if (length < 4 || length > maxBytes || bytes.readInt32BE(4) !== 0) throw new Error('no answer of Kafka');
    return received >= 4 + length ? { answer: bytes.subarray(8, 4 + length) } : undefined;
  });
}

function requireNoError(response: Buffer): void {
  if (response.readInt16BE(0) !== 0) throw new Error('refused');
}

/** @throws RangeError for bytes that are no such response */
function topicsIn(response: Buffer): readonly KafkaTopic[] {
  let at = 4;
  const take = (size: number) => {
    at += size;
    if (at > response.length) throw new RangeError('beyond the end');
    return at - size;
  };
  const number16 = () => response.readInt16BE(take(2));
  const number32 = () => response.readInt32BE(take(4));
  const string = () => {
    const length = Math.max(0, number16());
    return response.toString('utf8', take(length), at);
  };
  const each = <T>(read: () => T): T[] => {
    const count = Math.max(0, number32());
    // There is no element without a byte.
    if (count > response.length) throw new RangeError('beyond the end');
    return Array.from({ length: count }, read);
  };
  each(() => [number32(), string(), number32(), string()]);
  string();
  number32();
  const topics = each(() => {
    const error = number16();
    const name = string();
    const isInternal = response[take(1)] !== 0;
    const partitions = each(() => [number16(), number32(), number32(), each(number32), each(number32)]);
    return { name, partitions: partitions.length, isShown: error === 0 && !isInternal };
  });
  return topics
    .filter(({ isShown }) => isShown)
    .map(({ name, partitions }) => ({ name, partitions }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}
