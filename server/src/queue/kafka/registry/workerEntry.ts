import type { SecretKind, SecretPair } from '../../../../../schemas/encryption.ts';
import type { EarlyBeat, Heartbeat, Registration, ReloadRequest } from '../../../../../schemas/jobEvents.ts';
import { registrationRenewalMs } from '../../../../../schemas/kafka/kafkaTopics.ts';
import type { Asked, WorkerStore } from '../../recordQueue.ts';
import { requestOf } from '../../registry/reloadRequest.ts';
import type { TopicLog } from '../topicLog.ts';
import { createRegistryLog, type NewEntry } from './registryLog.ts';

/** What a worker shows of itself in the registry of a Kafka, and what it is asked for there.
 *  @param readSecret  from where the secrets are: never from Kafka */
export function createWorkerEntry(
  log: TopicLog,
  readSecret: (kind: SecretKind) => Promise<SecretPair | undefined>,
): WorkerStore {
  const registry = createRegistryLog(log);
  /** What was asked last: each question is answered once. */
  let answered: string | undefined;

  function askedOf(workerId: string): Asked {
    const entry = registry.view.of('ask').get(workerId);
    const id = entry && `${entry.time} ${entry.text}`;
    if (!entry || id === answered) return { stop: false };
    answered = id;
    const reload: ReloadRequest | undefined = requestOf(entry.text);
    return { stop: entry.text === stopText, reload };
  }

  return {
    async renew(registration, heartbeat) {
      const { workerId } = registration;
      const json = JSON.stringify(registration);
      const known = registry.view.of('worker').get(workerId);
      const isStale = known?.text !== json || registry.now() - known.time > registrationRenewalMs;
      await registry.write([
        ...(isStale ? [{ kind: 'worker', id: workerId, text: json } as const] : []),
        ...beatOf(workerId, heartbeat),
      ]);
      await registry.refresh();
      return askedOf(workerId);
    },
    async fail(registration, failure) {
      const { workerId } = registration;
      const text = JSON.stringify({ ...registration, failure } satisfies Registration);
      await registry.write([{ kind: 'worker', id: workerId, text }, ...goneOf(workerId)]);
    },
    forget: (workerId) => registry.write([{ kind: 'worker', id: workerId, text: null }, ...goneOf(workerId)]),
    readSecret,
    // A topic holds as much as its retention says; a broker without room refuses records, which their clients see.
    isFull: () => Promise.resolve(false),
    get clockAheadMs() {
      return registry.aheadMs;
    },
  };
}

/** What asks a worker or a frontend to stop. */
export const stopText = 'stop';

function beatOf(id: string, heartbeat: Heartbeat | EarlyBeat | undefined): NewEntry[] {
  return heartbeat ? [{ kind: 'beat', id, text: JSON.stringify(heartbeat) }] : [];
}

/** What goes with a worker's registration. */
export function goneOf(id: string): NewEntry[] {
  return [
    { kind: 'beat', id, text: null },
    { kind: 'ask', id, text: null },
  ];
}
