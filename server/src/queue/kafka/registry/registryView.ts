import { registryKeys, type StartLockEntry } from '../../../../../schemas/kafka/kafkaTopics.ts';
import type { Message } from '../topicLog.ts';

/** A text of the registry, and when it was written, in ms since 1970 by the broker's clock. */
export interface Entry {
  readonly text: string;
  readonly time: number;
}

/** What the messages of the registry come to: the newest text of each key, and who holds which lock. */
export interface RegistryView {
  /** By what the key begins with, then by the id behind it. */
  of(kind: keyof typeof registryKeys): ReadonlyMap<string, Entry>;
  /** Who has taken the lock on a job's start last, and not released it; its text. */
  holderOf(jobName: string): string | undefined;
  take(messages: readonly Message[]): void;
  /** Forgets everything: the topic was made again. */
  clear(): void;
}

interface HeldLock {
  readonly token: string;
  readonly holder: string;
  readonly until: number;
}

export function createRegistryView(): RegistryView {
  const kinds = new Map<string, Map<string, Entry>>();
  /** By the name of the job. */
  const locks = new Map<string, HeldLock>();

  function entriesOf(kind: string): Map<string, Entry> {
    const known = kinds.get(kind) ?? new Map<string, Entry>();
    kinds.set(kind, known);
    return known;
  }

  function takeLock(token: string, value: string | undefined, time: number): void {
    if (value === undefined) {
      for (const [jobName, lock] of locks) if (lock.token === token) locks.delete(jobName);
      return;
    }
    const entry = parseLock(value);
    if (!entry) return;
    const held = locks.get(entry.jobName);
    if (held && held.token !== token && time < held.until) return;
    locks.set(entry.jobName, { token, holder: entry.holder, until: time + entry.ms });
  }

  return {
    of: (kind) => entriesOf(registryKeys[kind]),
    holderOf: (jobName) => locks.get(jobName)?.holder,
    take(messages) {
      for (const { key, value, time } of messages) {
        const name = key?.toString() ?? '';
        const kind = Object.values(registryKeys).find((prefix) => name.startsWith(prefix));
        if (kind === undefined) continue;
        const id = name.slice(kind.length);
        if (kind === registryKeys.lock) takeLock(id, value?.toString(), time);
        else if (value) entriesOf(kind).set(id, { text: value.toString(), time });
        else entriesOf(kind).delete(id);
      }
    },
    clear() {
      kinds.clear();
      locks.clear();
    },
  };
}

/** Anyone who can write to the topic can write anything there. */
function parseLock(text: string): StartLockEntry | undefined {
  try {
    const { jobName, holder, ms } = JSON.parse(text) as Partial<StartLockEntry>;
    const isOne = typeof jobName === 'string' && typeof holder === 'string' && Number.isFinite(ms);
    return isOne ? { jobName, holder, ms: Math.min(Math.max(0, ms ?? 0), maxLockMs) } : undefined;
  } catch {
    return undefined;
  }
}

const maxLockMs = 600_000;
