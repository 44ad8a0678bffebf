import { kafkaPort } from '../kafka/kafkaTopics.ts';
import type { ConfigKey } from './configKey.ts';

/** The keys of config.yaml for Kafka, beside the one that chooses it. */
export const kafkaKeys = {
  kafkaUrl: {
    type: 'brokers',
    default: `localhost:${kafkaPort}`,
    meaning:
      'The address of the Kafka broker, or of several with commas between; all of them are found by the first that answers.',
    example: 'localhost:9092',
    readBy: ['engine', 'start', 'list', 'frontend'],
  },
  kafkaUsername: {
    type: 'string',
    default: '',
    meaning: 'The user that signs in to Kafka by SASL; empty for none.',
    example: 'serving',
    readBy: ['engine', 'start', 'list', 'frontend'],
    notInOriginal: true,
  },
  kafkaPassword: {
    type: 'secret',
    default: '',
    meaning: 'The password of that user.',
    example: '${env:KAFKA_PASSWORD}',
    snippet: '\\${env:${1:KAFKA_PASSWORD}\\}',
    readBy: ['engine', 'start', 'list', 'frontend'],
    notInOriginal: true,
  },
  kafkaSaslMechanism: {
    type: 'enum',
    values: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'],
    default: 'PLAIN',
    meaning: 'How that user signs in to Kafka.',
    example: 'SCRAM-SHA-512',
    snippet: '${1|PLAIN,SCRAM-SHA-256,SCRAM-SHA-512|}',
    readBy: ['engine', 'start', 'list', 'frontend'],
    notInOriginal: true,
  },
  kafkaTimeout: {
    type: 'int',
    default: 5000,
    min: 1,
    unit: 'ms',
    meaning: 'How long to wait for Kafka to accept a connection or answer a request.',
    example: '5000',
    readBy: ['engine', 'start', 'list', 'frontend'],
    notInOriginal: true,
  },
  kafkaSecureEnabled: {
    type: 'boolean',
    default: false,
    meaning: 'Whether the connection to Kafka uses TLS.',
    example: 'true',
    readBy: ['engine', 'start', 'list', 'frontend'],
    notInOriginal: true,
  },
  kafkaSecureTrustStorePath: {
    type: 'path',
    default: '',
    meaning: 'The file of certificates that the TLS certificate of Kafka is checked against.',
    example: '/etc/serving/truststore.p12',
    readBy: ['engine', 'start', 'list', 'frontend'],
    notInOriginal: true,
  },
  kafkaSecureTrustStorePassword: {
    type: 'secret',
    default: '',
    meaning: 'The password of that file.',
    example: '${env:TRUST_STORE_PASSWORD}',
    snippet: '\\${env:${1:TRUST_STORE_PASSWORD}\\}',
    readBy: ['engine', 'start', 'list', 'frontend'],
    notInOriginal: true,
  },
} as const satisfies Record<string, ConfigKey>;
