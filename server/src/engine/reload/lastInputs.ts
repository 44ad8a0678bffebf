import type { FittedRecord } from '../../tensor/fit.ts';

/** Some of the last inputs that the model was given, to try another model with. They are copies, and stay in memory. */
export interface LastInputs {
  /** Keeps one of the records of a run, if it is time for another. */
  see(records: readonly FittedRecord[], nowMs: number): void;
  /** The oldest first. */
  readonly all: readonly FittedRecord[];
}

/** How many are kept. */
export const maxLastInputs = 16;
/** One is kept per this time at most, in ms: a copy for every run would cost more than it is worth. */
const everyMs = 100;
/** Larger records are not kept. In elements. */
const maxElements = 1024 * 1024;

export function createLastInputs(): LastInputs {
  let all: FittedRecord[] = [];
  let keptAt = -Infinity;
  return {
    get all() {
      return all;
    },
    see(records, nowMs) {
      if (nowMs - keptAt < everyMs) return;
      const [record] = records;
      if (!record || elementsOf(record) > maxElements) return;
      keptAt = nowMs;
      all = [...all, copyOf(record)].slice(-maxLastInputs);
    },
  };
}

function elementsOf({ parts }: FittedRecord): number {
  return parts.reduce((sum, { data }) => sum + data.length, 0);
}

/** The model takes the memory of what it is fed with. */
export function copyOf(record: FittedRecord): FittedRecord {
  return { ...record, parts: record.parts.map((part) => ({ ...part, data: part.data.slice() })) };
}
