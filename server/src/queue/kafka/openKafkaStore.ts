import type { Store } from '../store.ts';
import { createKafkaAdmin } from './admin/kafkaAdmin.ts';
import { createLetters } from './admin/letters.ts';
import { createFigures } from './admin/standing.ts';
import { createKafkaRecords } from './client/kafkaRecords.ts';
import type { KafkaAddress } from './kafkaAddress.ts';
import { createKafkaServer } from './kafkaServer.ts';
import { openTopicLog } from './openTopicLog.ts';
import { createKafkaRegistry } from './registry/kafkaRegistry.ts';
import { createRegistryLog, type RegistryLog } from './registry/registryLog.ts';
import { answeredBeyond } from './worker/partitionNotes.ts';
import { secretsInRedis } from './secretsInRedis.ts';
import type { TopicLog } from './topicLog.ts';

/** The store on a connection to Kafka, with the topics behind it. */
export interface KafkaStore extends Store {
  readonly log: TopicLog;
  readonly registryLog: RegistryLog;
}

/** @throws ServingError "kafka-…" */
export async function openKafkaStore(address: KafkaAddress, signal?: AbortSignal): Promise<KafkaStore> {
  return kafkaStore(address, await openTopicLog(address, signal));
}

function kafkaStore(address: KafkaAddress, log: TopicLog): KafkaStore {
  const registryLog = createRegistryLog(log);
  const letters = createLetters(log);
  const now = () => registryLog.now();
  const figures = createFigures(log, { letters, readNotes: answeredBeyond, now });
  const registry = createKafkaRegistry(registryLog, (jobName, inHand) => figures.read(jobName, inHand));
  return {
    log,
    registryLog,
    registry,
    queues: createKafkaAdmin({ log, registry, letters, figures, readNotes: answeredBeyond, now }),
    records: createKafkaRecords(log, letters),
    server: createKafkaServer(registryLog),
    secrets: secretsInRedis(address.secretsAt),
    close: () => log.close(),
  };
}
