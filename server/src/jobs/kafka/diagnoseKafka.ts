import type { Config } from '../../../../schemas/config/configKeys.ts';
import { knownWordsWarning } from '../../../../schemas/encryption.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import { inputTopic } from '../../../../schemas/kafka/kafkaTopics.ts';
import { maxClockSkewMs, recordSecretsKey } from '../../../../schemas/redis/redisKeys.ts';
import { effectiveConfig } from '../../config/effectiveConfig.ts';
import { openStore } from '../../queue/openStore.ts';
import type { KafkaAddress } from '../../queue/kafka/kafkaAddress.ts';
import { storeSentence } from '../../queue/storeAddress.ts';
import type { Store } from '../../queue/store.ts';
import type { Diagnosis } from '../backend.ts';
import { requireModelSecret } from '../requireModelSecret.ts';

/** What the doctor looks at in a Kafka; changes nothing but the time of the last look.
 *  @param waits  a start waits for the secret of the model */
export function diagnoseKafka(address: KafkaAddress, config: Config, waits: boolean): readonly Diagnosis[] {
  const on = async (look: (store: Store) => Promise<string>) => {
    const store = await openStore(address);
    try {
      return await look(store);
    } finally {
      store.close();
    }
  };
  return [
    {
      check: 'Kafka',
      look: () => on(() => Promise.resolve(`${storeSentence(address).slice('Kafka at '.length)} answers`)),
    },
    { check: 'topic', look: () => on((store) => describeTopic(store, config)) },
    ...(waits
      ? [{ check: 'secret of the model', look: () => on(({ secrets }) => requireModelSecret(secrets)) }]
      : []),
    ...(config.recordEncrypted
      ? [
          {
            check: 'secret of records',
            look: () =>
              on(async ({ secrets }) =>
                (await secrets.readSecret('record')) ? `is in ${recordSecretsKey}` : `${knownWordsWarning}.`,
              ),
          },
        ]
      : []),
    { check: 'registry', look: () => on(requireSoundRegistry) },
    { check: 'clocks', look: () => on(requireEqualClocks) },
  ];
}

/** @throws ServingError "kafka-failed" where workers would have nothing to read */
async function describeTopic({ queues }: Store, config: Config): Promise<string> {
  const topic = inputTopic(config.jobName);
  const [queue] = (await queues.readQueueReports('', [config.jobName])).filter(
    ({ jobName }) => jobName === config.jobName,
  );
  const partitions = queue?.partitions?.length ?? 0;
  if (partitions === 0) return `"${topic}" is not there yet; a start makes it`;
  const wanted = effectiveConfig(config, undefined).modelParallelism;
  const text = `"${topic}" has ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`;
  return wanted > partitions
    ? `${text}: more than ${partitions} ${partitions === 1 ? 'worker finds' : 'workers find'} nothing to do; the ${wanted} copies of modelParallelism share what one worker reads`
    : text;
}

/** @throws ServingError "kafka-failed" */
async function requireSoundRegistry({ registry }: Store): Promise<string> {
  const broken = await registry.readBrokenEntries();
  if (broken.length === 0) return 'all entries can be read';
  const names = broken.map(({ key, field }) => `${key}:${field ?? ''}`);
  throw new ServingError('kafka-failed', `Left out, since another program wrote them: ${names.join(', ')}`);
}

/** @throws ServingError "kafka-failed" for clocks that differ */
async function requireEqualClocks({ server }: Store): Promise<string> {
  const aheadMs = await server.readClockAhead();
  if (Math.abs(aheadMs) <= maxClockSkewMs) return "this machine's and the broker's agree";
  const seconds = Math.abs(Math.round(aheadMs / 100) / 10);
  throw new ServingError(
    'kafka-failed',
    `This machine's is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the broker's. Let both machines set their clocks by NTP.`,
  );
}
