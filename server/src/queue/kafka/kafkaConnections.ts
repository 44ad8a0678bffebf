import { hostPortText } from '../../../../schemas/config/hostPortText.ts';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { Connection, ResponseError, apiVersionsV3, metadataV12, type API } from '@platformatic/kafka';
import type { HostPort } from '../../../../schemas/config/configKey.ts';
import type { KafkaAddress } from './kafkaAddress.ts';
import { requiredApis } from './kafkaApis.ts';
import { KafkaTrouble, explainConnecting, explainRequest, type Subject } from './kafkaTrouble.ts';

/* Connections to brokers, one for each lane. A broker answers the requests of a connection one after the other, so a fetch that
   waits for records, or a join that waits for others, must not stand before anything else. A connection that is lost, silent
   or in doubt is dropped, and the next request makes another. */

export interface KafkaConnections {
  /** Asks a broker. @throws KafkaTrouble */
  ask<Arguments extends unknown[], Response>(
    request: KafkaRequest,
    api: API<Arguments, Response>,
    ...args: Arguments
  ): Promise<Response>;
  /** Connections made in place of lost ones. */
  readonly reconnects: number;
  close(): void;
}

export interface KafkaRequest {
  readonly broker: HostPort;
  readonly lane: string;
  /** How long the answer may take, in ms. */
  readonly deadlineMs: number;
  readonly subject: Subject;
  /** A response in which Kafka refuses a part is returned as it is: the caller looks at each part. */
  readonly byPart?: boolean;
}

const clientName = 'cluster-serving';

/** The library's own deadline leaves a connection behind that understands nothing more: it must never be reached. */
const neverMs = 2_147_483_647;

export function createKafkaConnections(address: KafkaAddress): KafkaConnections {
  const open = new Map<string, Promise<Connection>>();
  const made = new Map<string, number>();
  let tls: Promise<TlsOptions> | undefined;
  let closed = false;

  async function connect(broker: HostPort): Promise<Connection> {
    const place = textOf(broker);
    const seen = { connected: false, answered: false, isKafka: false, timedOut: false };
    const secure = address.tls && (await (tls ??= tlsOptions(address.tls)));
    const connection = new Connection(address.clientId ?? clientName, {
      connectTimeout: neverMs,
      requestTimeout: neverMs,
      maxInflights: 64,
      ...(secure ? { tls: { ...secure, ...serverName(broker.host) } } : {}),
      ...(address.sasl ? { sasl: address.sasl } : {}),
    });
    connection.on('error', () => undefined);
    try {
      const ready = new Promise<void>((resolve, reject) => {
        void connection.connect(broker.host, broker.port, (error) => {
          if (error) reject(error);
          else resolve();
        });
        watch(connection, seen);
      });
      await within(
        ready.then(() => introduce(connection, place, seen)),
        address.timeoutMs,
        seen,
      );
      return connection;
    } catch (error) {
      drop(connection);
      throw explainConnecting(place, address, seen, error);
    }
  }

  function connectionFor(broker: HostPort, lane: string): Promise<Connection> {
    const key = `${lane} ${textOf(broker)}`;
    const existing = open.get(key);
    if (existing) return existing;
    const connecting = connect(broker);
    open.set(key, connecting);
    const forget = () => {
      if (open.get(key) === connecting) open.delete(key);
    };
    connecting.then((connection) => {
      made.set(key, (made.get(key) ?? 0) + 1);
      connection.once('close', forget);
      connection.once('error', forget);
      if (closed || !connection.isConnected()) {
        forget();
        drop(connection);
      }
    }, forget);
    return connecting;
  }

  return {
    get reconnects() {
      return [...made.values()].reduce((sum, count) => sum + count - 1, 0);
    },
    async ask<Arguments extends unknown[], Response>(
      { broker, lane, deadlineMs, subject, byPart = false }: KafkaRequest,
      api: API<Arguments, Response>,
      ...args: Arguments
    ): Promise<Response> {
      const place = textOf(broker);
      if (closed) throw new KafkaTrouble('kafka-lost', `The connection to Kafka at ${place} is closed.`);
      const connection = await connectionFor(broker, lane);
      const timing = { timedOut: false };
      try {
        return await within(api.async(connection, ...args), deadlineMs, timing);
      } catch (error) {
        if (timing.timedOut) {
          drop(connection);
          throw new KafkaTrouble('kafka-timeout', `Kafka at ${place} has not answered in time.`, {
            wasConnected: true,
          });
        }
        if (byPart && error instanceof ResponseError) return error.response as Response;
        const explained = explainRequest(place, subject, error);
        // An error reply leaves the connection as it was.
        if (!(explained instanceof KafkaTrouble && explained.reply !== undefined)) drop(connection);
        throw explained;
      }
    },
    close() {
      closed = true;
      for (const connecting of open.values()) connecting.then(drop, () => undefined);
      open.clear();
    },
  };
}

export function textOf(broker: HostPort): string {
  return hostPortText(broker);
}

/** Asks what the broker can, and whether it speaks with this client at all: one that wants a user name says what it can to
 *  everyone, and ends the connection with the next request. */
async function introduce(connection: Connection, place: string, seen: { isKafka: boolean }): Promise<void> {
  const { apiKeys } = await apiVersionsV3.api.async(connection, clientName, '1');
  seen.isKafka = true;
  for (const { key, version } of requiredApis) {
    const known = apiKeys.find(({ apiKey }) => apiKey === key);
    if (!known || known.minVersion > version || known.maxVersion < version)
      throw new KafkaTrouble(
        'kafka-too-old',
        `Kafka at ${place} is of a version that Cluster Serving does not work with: it takes 3.1 or newer.`,
      );
  }
  await metadataV12.api.async(connection, []);
}

function watch({ socket }: Connection, seen: { connected: boolean; answered: boolean }): void {
  socket.once('connect', () => (seen.connected = true));
  socket.once('data', () => (seen.answered = true));
}

/** Waits no longer than this. What comes later is of no use any more. */
async function within<T>(work: Promise<T>, ms: number, note: { timedOut: boolean }): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      note.timedOut = true;
      reject(new Error('timed out'));
    }, ms);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a connection at once, whatever its state: the library waits for what is on its way. */
function drop(connection: Connection): void {
  void connection.close();
  // It has none before it was ever connected.
  (connection.socket as Connection['socket'] | undefined)?.destroy();
}

async function tlsOptions({ trustStorePath, trustStorePassword }: NonNullable<KafkaAddress['tls']>) {
  if (trustStorePath === '') return {};
  // Loaded only here: parsing certificates is the largest part of this room, and few use it.
  const { readTrustStore } = await import('../redis/trustStore.ts');
  return { ca: await readTrustStore(trustStorePath, trustStorePassword) };
}

/** An address is no name that a certificate could be asked for. */
function serverName(host: string): { servername?: string } {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host };
}
