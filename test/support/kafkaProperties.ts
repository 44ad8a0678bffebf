import { createPrivateKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';

export interface KafkaSettings {
  /** Users of the listener `saslPort`, for PLAIN and SCRAM-SHA-256: names with their passwords. */
  readonly users?: Readonly<Record<string, string>>;
  /** Opens the listener `tlsPort`. */
  readonly certificates?: Certificates;
  /** Users need rights; who connects without a name has all of them. */
  readonly authorizes?: boolean;
  /** Lines of server.properties. */
  readonly properties?: Readonly<Record<string, string | number>>;
}

/** Where a broker listens and writes. */
interface Places {
  readonly port: number;
  readonly controllerPort: number;
  readonly saslPort: number;
  readonly tlsPort: number;
  readonly data: string;
  readonly folder: string;
}

/** The lines of server.properties. */
export function propertiesOf(
  settings: KafkaSettings,
  places: Places,
): Readonly<Record<string, string | number>> {
  const { users, certificates, authorizes } = settings;
  const listeners = [`PLAINTEXT://127.0.0.1:${places.port}`];
  if (users) listeners.push(`SASL_PLAINTEXT://127.0.0.1:${places.saslPort}`);
  if (certificates) listeners.push(`SSL://127.0.0.1:${places.tlsPort}`);
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${places.controllerPort}`,
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${places.controllerPort}`].join(','),
    'advertised.listeners': listeners.join(','),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map':
      'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': places.data,
    'num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': 'true',
    'log.cleaner.dedupe.buffer.size': 2_097_152,
    // How long the broker that was killed stays registered and keeps its successor waiting.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'num.network.threads': 2,
    'num.io.threads': 2,
    'background.threads': 2,
    ...(users ? saslProperties(users) : {}),
    ...(certificates ? tlsProperties(certificates, places.folder) : {}),
    ...(authorizes
      ? {
          'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
          'super.users': 'User:ANONYMOUS',
        }
      : {}),
    ...settings.properties,
  };
}

function saslProperties(users: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  return {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
    'listener.name.sasl_plaintext.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${names.join(' ')};`,
    'listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  };
}

function tlsProperties(certificates: Certificates, folder: string): Record<string, string> {
  const store = join(folder, 'broker.pem');
  const key = createPrivateKey(readFileSync(certificates.keyFile));
  const pkcs8 = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  writeFileSync(store, `${pkcs8}\n${readFileSync(certificates.certFile, 'utf8')}\n${certificates.caPem}`);
  return { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': store, 'ssl.client.auth': 'none' };
}
