import { spawn, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin, Consumer, MessagesStreamModes, Producer, type BaseOptions } from '@platformatic/kafka';
import { propertiesOf, type KafkaSettings } from './kafkaProperties.ts';
import { eventually, freePort } from './redis.ts';

/* A Kafka broker of the test's own, in KRaft mode, from the jars that scripts/machine/ensureKafka.mjs fetches. */

export interface TestKafka {
  readonly port: number;
  /** host:port, as kafkaUrl has it. */
  readonly url: string;
  readonly saslPort: number;
  readonly tlsPort: number;
  /** The process of the broker. */
  readonly pid: number;
  /** Ends the broker as a crash would; `start` brings it back on the same port with what it had written. */
  kill(): Promise<void>;
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;

  createTopic(name: string, partitions?: number, configs?: Readonly<Record<string, string>>): Promise<void>;
  deleteTopic(name: string): Promise<void>;
  topics(): Promise<readonly string[]>;
  /** Writes messages as they are, acknowledged. */
  produce(topic: string, messages: readonly RawMessage[]): Promise<void>;
  /** Everything in a topic now, in the order of each partition. A topic that is not there is empty. */
  readAll(topic: string): Promise<readonly StoredMessage[]>;
  /** What a group has committed, by partition; partitions without are left out. */
  committed(topic: string, group?: string): Promise<Map<number, bigint>>;
  /** The number of messages that were written to a topic. */
  count(topic: string): Promise<number>;
}

export interface RawMessage {
  readonly key?: string | Buffer;
  readonly value?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly partition?: number;
}

export interface StoredMessage {
  readonly key: string;
  readonly value: Buffer;
  readonly headers: ReadonlyMap<string, string>;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestamp: number;
}

/** Beside other load a start, and the look at what a killed broker has left, take a while. */
const readyMs = 150_000;

/** Starts a broker on free ports of loopback. KAFKA_HOME is where the set-up of the stage has put it. */
export async function startKafka(settings: KafkaSettings = {}): Promise<TestKafka> {
  const home = kafkaHome();
  const ports = await distinctPorts(4);
  const [port = 0, controllerPort = 0, saslPort = 0, tlsPort = 0] = ports;
  const folder = mkdtempSync(join(tmpdir(), 'cluster-serving-kafka-'));
  const data = join(folder, 'data');
  cpSync(join(home, 'formatted'), data, { recursive: true });
  const properties = join(folder, 'server.properties');
  const lines = propertiesOf(settings, { port, controllerPort, saslPort, tlsPort, data, folder });
  writeFileSync(
    properties,
    Object.entries(lines)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  const log = join(folder, 'server.log');
  let server: ChildProcess;

  async function start(): Promise<void> {
    const output = openSync(log, 'a');
    server = spawn(
      'java',
      ['-Xms64m', '-Xmx320m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'].concat([
        '-cp',
        join(home, 'libs', '*'),
        'kafka.Kafka',
        properties,
      ]),
      { stdio: ['ignore', output, output] },
    );
    closeSync(output);
    await eventually('a Kafka broker that answers', isReady, readyMs);
  }

  /** It takes connections a while before it leads its partitions. */
  async function isReady(): Promise<boolean> {
    if (server.exitCode !== null)
      throw new Error(`The Kafka broker has ended:\n${readFileSync(log, 'utf8').slice(-3000)}`);
    if (!(await listens(port))) return false;
    // One that is just starting may leave a request without an answer.
    const admin = new Admin({ ...base, retries: 0, timeout: 2_000 });
    try {
      await admin.metadata({ topics: [], forceUpdate: true });
      return true;
    } catch {
      return false;
    } finally {
      await admin.close().catch(() => undefined);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await ended;
  }

  const base: BaseOptions = {
    clientId: 'test',
    bootstrapBrokers: [`127.0.0.1:${port}`],
    retries: 10,
    retryDelay: 200,
    timeout: 20_000,
  };

  async function withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Admin(base);
    try {
      return await use(admin);
    } finally {
      await admin.close();
    }
  }

  async function withConsumer<T>(use: (consumer: Consumer) => Promise<T>): Promise<T> {
    const consumer = new Consumer({ ...base, groupId: 'test-reader' });
    try {
      return await use(consumer);
    } finally {
      await consumer.close();
    }
  }

  async function hasTopic(topic: string): Promise<boolean> {
    return (await withAdmin((admin) => admin.listTopics())).includes(topic);
  }

  /** Of each partition, where it begins and where it ends. */
  async function ranges(topic: string): Promise<readonly { from: bigint; to: bigint }[]> {
    if (!(await hasTopic(topic))) return [];
    return withConsumer(async (consumer) => {
      const from = await consumer.listOffsets({ topics: [topic], timestamp: -2n });
      const to = await consumer.listOffsets({ topics: [topic], timestamp: -1n });
      return (to.get(topic) ?? []).map((end, i) => ({ from: from.get(topic)?.[i] ?? 0n, to: end }));
    });
  }

  await start();
  return {
    port,
    url: `127.0.0.1:${port}`,
    saslPort,
    tlsPort,
    get pid() {
      if (server.pid === undefined) throw new Error('not started');
      return server.pid;
    },
    kill: () => end('SIGKILL'),
    start,
    signal: (name) => void server.kill(name),
    async stop() {
      server.kill('SIGCONT');
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
    async createTopic(name, partitions = 1, configs = {}) {
      await withAdmin((admin) =>
        admin.createTopics({
          topics: [name],
          partitions,
          replicas: 1,
          configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
        }),
      );
      // A topic is made before its partitions have a leader.
      await eventually(`the topic ${name}`, () =>
        withAdmin(async (admin) => {
          const { topics } = await admin.metadata({ topics: [name], forceUpdate: true });
          const made = topics.get(name)?.partitions ?? [];
          return made.length === partitions && made.every(({ leader }) => leader >= 0);
        }).catch(() => false),
      );
      // The leader knows it a moment later: a producer that is refused by one partition writes to the others twice.
      await eventually(`leaders of ${name}`, async () => (await ranges(name)).length === partitions);
    },
    async deleteTopic(name) {
      await withAdmin((admin) => admin.deleteTopics({ topics: [name] }));
      await eventually(`the end of ${name}`, async () => !(await hasTopic(name)));
    },
    topics: () => withAdmin((admin) => admin.listTopics()),
    async produce(topic, messages) {
      const producer = new Producer({ ...base, autocreateTopics: true, acks: -1 });
      try {
        for (let at = 0; at < messages.length; at += 500)
          await producer.send({
            messages: messages.slice(at, at + 500).map(({ key, value, headers, partition }) => ({
              topic,
              // A message without a value is one to Kafka, if not to the type.
              value: (value === undefined ? undefined : Buffer.from(value)) as Buffer,
              ...(key === undefined ? {} : { key: Buffer.from(key) }),
              ...(partition === undefined ? {} : { partition }),
              headers: new Map(
                Object.entries(headers ?? {}).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]),
              ),
            })),
          });
      } finally {
        await producer.close();
      }
    },
    async readAll(topic) {
      const all = await ranges(topic);
      let missing = all.filter(({ from, to }) => to > from).length;
      const messages: StoredMessage[] = [];
      if (missing === 0) return messages;
      await withConsumer(async (consumer) => {
        const stream = await consumer.consume({
          topics: [topic],
          autocommit: false,
          maxWaitTime: 100,
          mode: MessagesStreamModes.MANUAL,
          offsets: all.map(({ from }, partition) => ({ topic, partition, offset: from })),
        });
        for await (const { key, value, headers, partition, offset, timestamp } of stream) {
          const end = all[partition]?.to ?? 0n;
          if (offset < end)
            messages.push({
              key: String(key),
              value,
              headers: new Map([...headers].map(([name, text]) => [String(name), String(text)])),
              partition,
              offset,
              timestamp: Number(timestamp),
            });
          if (offset === end - 1n && --missing === 0) break;
        }
      });
      return messages.sort((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
    },
    committed: (topic, group = 'serving') =>
      withAdmin(async (admin) => {
        const partitionIndexes = (await ranges(topic)).map((_, i) => i);
        const [found] = await admin.listConsumerGroupOffsets({
          groups: [{ groupId: group, topics: [{ name: topic, partitionIndexes }] }],
        });
        const partitions = found?.topics.find(({ name }) => name === topic)?.partitions ?? [];
        return new Map(
          partitions
            .filter(({ committedOffset }) => committedOffset >= 0n)
            .map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]),
        );
      }),
    count: async (topic) => (await ranges(topic)).reduce((sum, { from, to }) => sum + Number(to - from), 0),
  };
}

/** Where `npm run test:kafka` puts the broker. */
function kafkaHome(): string {
  const home = process.env.KAFKA_HOME ?? join(process.cwd(), '.cache', 'kafka');
  if (existsSync(join(home, 'formatted'))) return home;
  throw new Error('There is no Kafka broker to start: run these tests by "npm run test:kafka".');
}

async function distinctPorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
