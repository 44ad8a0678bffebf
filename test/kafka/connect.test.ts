import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ServingError } from '../../schemas/errors.ts';
import type { KafkaAddress } from '../../server/src/queue/kafka/kafkaAddress.ts';
import { askTopics } from '../../server/src/live/askTopics.ts';
import { openTopicLog } from '../../server/src/queue/kafka/openTopicLog.ts';
import { createKafkaClient, type KafkaClient } from '../../server/src/queue/kafka/kafkaClient.ts';
import { makeCertificates, type Certificates } from '../support/certificates.ts';
import { startKafka, type TestKafka } from '../support/kafka.ts';
import { freePort } from '../support/redis.ts';
import { addressOf } from './queueSupport.ts';

let folder: string;
let certificates: Certificates;
let kafka: TestKafka;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-serving-kafka-tls-'));
  certificates = makeCertificates(folder);
  kafka = await startKafka({ users: { anna: 'secret' }, certificates, authorizes: true });
});
afterAll(async () => {
  await kafka.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function use<T>(address: KafkaAddress, work: (client: KafkaClient) => Promise<T>): Promise<T> {
  const client = createKafkaClient(address);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

/** What a client is refused with. */
async function refusal(
  address: KafkaAddress,
  work: (client: KafkaClient) => Promise<unknown> = (client) => client.topicNames(),
): Promise<{ readonly code: string; readonly message: string }> {
  try {
    await use(address, work);
  } catch (error) {
    const { code, message } = error as ServingError;
    return { code, message };
  }
  throw new Error('not refused');
}

const sasl = (password: string, mechanism: 'PLAIN' | 'SCRAM-SHA-512' = 'PLAIN') => ({
  sasl: { mechanism, username: 'anna', password },
});

it('says that nothing listens, and that a host is not known', async () => {
  const port = await freePort();
  const refused = await refusal(addressOf(port));
  expect(refused.code).toBe('kafka-refused');
  expect(refused.message).toContain(`127.0.0.1:${port}`);
  const unknown = { ...addressOf(1), brokers: [{ host: 'no-such-host.invalid', port: 9092 }] };
  expect((await refusal(unknown)).code).toBe('kafka-dns');
});

it('goes on to the next broker of the list', async () => {
  const brokers = [...addressOf(await freePort()).brokers, ...addressOf(kafka.port).brokers];
  expect(await use({ ...addressOf(1), brokers }, (client) => client.topicNames())).toEqual([]);
});

it('says that a server is no Kafka, and that one does not answer', async () => {
  const web = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const silent = await listen(() => undefined);
  try {
    expect((await refusal(addressOf(web.port, { timeoutMs: 2_000 }))).code).toBe('kafka-not-kafka');
    expect((await refusal(addressOf(silent.port, { timeoutMs: 500 }))).code).toBe('kafka-timeout');
  } finally {
    web.server.close();
    silent.server.close();
  }
});

it('signs in with user name and password, and says which of it is refused', async () => {
  expect(await use(addressOf(kafka.saslPort, sasl('secret')), (client) => client.topicNames())).toEqual([]);
  expect((await refusal(addressOf(kafka.saslPort, sasl('wrong')))).code).toBe('kafka-auth');
  const none = await refusal(addressOf(kafka.saslPort));
  expect(none.code).toBe('kafka-auth');
  expect(none.message).toContain('kafkaUsername');
  const other = await refusal(addressOf(kafka.saslPort, sasl('secret', 'SCRAM-SHA-512')));
  expect(other.code).toBe('kafka-auth');
  expect(other.message).toContain('kafkaSaslMechanism');
  expect(other.message).not.toContain('secret');
});

it('speaks TLS with a broker whose authority it is given, and with no other', async () => {
  const tls = { trustStorePath: certificates.caFile, trustStorePassword: '' };
  const names = await use(addressOf(kafka.tlsPort, { tls }), (client) => client.topicNames());
  expect(names).toEqual([]);
  const unknown = { tls: { trustStorePath: '', trustStorePassword: '' } };
  expect((await refusal(addressOf(kafka.tlsPort, unknown))).code).toBe('kafka-tls');
  expect((await refusal(addressOf(kafka.port, { tls }))).code).toBe('kafka-tls');
  expect((await refusal(addressOf(kafka.tlsPort))).code).toBe('kafka-not-kafka');
});

it('says what its user may not do, and that a topic is missing or a message too large', async () => {
  await kafka.createTopic('guarded');
  const anna = addressOf(kafka.saslPort, sasl('secret'));
  const denied = await refusal(anna, (client) => client.produce([{ topic: 'guarded', value: '1' }]));
  expect(denied.code).toBe('kafka-rights');
  expect(denied.message).toContain('"guarded"');
  const group = await refusal(anna, (client) => client.committed('serving', 'guarded'));
  expect(group.code).toBe('kafka-rights');
  const open = addressOf(kafka.port);
  const missing = await refusal(open, (client) => client.produce([{ topic: 'not-there', value: '1' }]));
  expect(missing.code).toBe('kafka-topic-missing');
  const large = await refusal(open, (client) =>
    client.produce([{ topic: 'guarded', value: Buffer.alloc(3_000_000) }]),
  );
  expect(large.code).toBe('kafka-too-large');
  expect(await kafka.count('guarded')).toBe(0);
});

it('writes what is larger than one request in several, in order', async () => {
  const client = createKafkaClient(addressOf(kafka.port));
  const values = Array.from({ length: 30 }, (_, i) => `${i} ${'x'.repeat(200_000)}`);
  const places = await client.produce(values.map((value) => ({ topic: 'guarded', partition: 0, value })));
  client.close();
  const stored = await kafka.readAll('guarded');
  expect(stored.map(({ value }) => String(value).split(' ')[0])).toEqual(values.map((_, i) => String(i)));
  expect(places.map(({ offset }) => offset)).toEqual(stored.map(({ offset }) => offset));
});

it('answers a read while others wait for what has not come, each on a connection of its own', async () => {
  const log = await openTopicLog(addressOf(kafka.port));
  for (const topic of ['quiet-1', 'quiet-2']) await kafka.createTopic(topic);
  const from = [{ partition: 0, offset: 0n }];
  const order: string[] = [];
  const waiting = ['quiet-1', 'quiet-2'].map(async (topic) => {
    const [part] = await log.readSome(topic, from, { waitMs: 50_000 });
    order.push(`${topic}: ${part?.messages.length}`);
  });
  for (let i = 0; i < 3; i++) order.push(`read ${(await log.readSome('quiet-1', from))[0]?.messages.length}`);
  await kafka.produce('quiet-2', [{ key: 'a', value: 'b' }]);
  await waiting[1];
  expect(order).toEqual(['read 0', 'read 0', 'read 0', 'quiet-2: 1']);
  await kafka.produce('quiet-1', [{ key: 'a', value: 'b' }]);
  await waiting[0];
  log.close();
});

it('lists the topics for the editor, as fast as brokers answer, and is silent where they refuse', async () => {
  const signal = AbortSignal.timeout(60_000);
  const host = '127.0.0.1';
  await kafka.createTopic('listed', 3);
  const wanted = { name: 'listed', partitions: 3 };
  const plain = { brokers: [{ host, port: kafka.port }], isSecure: false };
  const names = await askTopics(plain, signal);
  expect(names).toContainEqual(wanted);
  expect(names?.map(({ name }) => name)).not.toContain('__consumer_offsets');
  // One that is away holds up nothing.
  const two = { ...plain, brokers: [{ host, port: await freePort() }, ...plain.brokers] };
  expect(await askTopics(two, signal)).toEqual(names);
  const secure = { brokers: [{ host: 'localhost', port: kafka.tlsPort }], isSecure: true };
  expect(await askTopics({ ...secure, trustStore: certificates.caFile }, signal)).toEqual(names);
  for (const trustStore of [undefined, certificates.p12File, '/not/there'])
    expect(await askTopics({ ...secure, ...(trustStore ? { trustStore } : {}) }, signal)).toEqual([]);
  const signedIn = (password: string, mechanism = 'PLAIN') => ({
    brokers: [{ host, port: kafka.saslPort }],
    isSecure: false,
    sasl: { mechanism, username: 'anna', password },
  });
  // Anna may see nothing, and is not refused for that.
  for (const address of [signedIn('secret'), signedIn('wrong'), signedIn('secret', 'SCRAM-SHA-256')])
    expect(await askTopics(address, signal)).toEqual([]);
});

it('has no list for the editor where something else answers, and no answer where nothing does', async () => {
  const web = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const silent = await listen(() => undefined);
  const at = (port: number) => ({ brokers: [{ host: '127.0.0.1', port }], isSecure: false });
  try {
    expect(await askTopics(at(web.port), AbortSignal.timeout(60_000))).toEqual([]);
    expect(await askTopics(at(silent.port), AbortSignal.timeout(100))).toBeUndefined();
  } finally {
    web.server.close();
    silent.server.close();
  }
});

function listen(
  onConnection: Parameters<typeof createServer>[1] & object,
): Promise<{ readonly server: Server; readonly port: number }> {
  return new Promise((resolve) => {
    const server = createServer(onConnection);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, port: typeof address === 'object' && address ? address.port : 0 });
    });
  });
}
