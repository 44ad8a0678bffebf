import type { Sharing } from '../../model/sharing.ts';

/** What came of a run that was checked. */
export interface CheckOutcome {
  /** Records whose answers were compared. */
  readonly compared: number;
  /** Of these, such as differ by the kernels of a larger run, and not by their neighbours. */
  readonly slight: number;
  /** Why rows must not share runs. */
  readonly trouble?: string;
}

/** How far real traffic may be run together. It knows no clock and no records, only how many there are. */
export interface BatchTrust {
  /** As the model came, until a check speaks against it: then never again. */
  readonly sharing: Sharing;
  /** Called before a run of records. @returns which of them to run by themselves as well, and to compare before anything is
   *  answered; none for most runs */
  plan(records: number): readonly number[];
  /** Called after a run that was checked. */
  report(outcome: CheckOutcome): void;
  /** Rows cannot be given back to their records. */
  lose(reason: string): void;
}

/** The first runs are checked in full: where the graph proves it, only a few. */
const firstChecks: Readonly<Record<Sharing['proof'], number>> = { graph: 3, samples: 20, word: 0 };
/** Later checks compare this many records of a run. */
const laterRecords = 2;
/** Runs for later checks are at most this share of all runs. */
const laterShare = 0.01;
/** Answers that depend on how many rows there are differ for nearly all records; those decided by a hair are few. */
const maxSlight = 2;
const maxSlightShare = 0.05;

export function createBatchTrust(model: Sharing): BatchTrust {
  let sharing = model;
  let firstLeft = firstChecks[model.proof];
  let runs = 0;
  let extraRuns = 0;
  /** Which records of a run are looked at goes around, or those that come first would be all that is ever seen. */
  let turn = 0;
  let compared = 0;
  let slight = 0;

  function end(reason: string): void {
    if (sharing.shared) sharing = { ...sharing, shared: false, reason };
  }

  return {
    get sharing() {
      return sharing;
    },
    plan(records) {
      runs += 1;
      // A record alone has no neighbours; with the user's word nothing is asked.
      if (records < 2 || !sharing.shared || sharing.proof === 'word') return [];
      if (firstLeft > 0) {
        firstLeft -= 1;
        return Array.from({ length: records }, (_, i) => i);
      }
      if (extraRuns + laterRecords > runs * laterShare) return [];
      extraRuns += laterRecords;
      turn += 1;
      const first = turn % records;
      return [first, (first + Math.floor(records / 2)) % records];
    },
    report(outcome) {
      compared += outcome.compared;
      slight += outcome.slight;
      if (outcome.trouble !== undefined) end(outcome.trouble);
      else if (slight > maxSlight && slight > compared * maxSlightShare)
        end('answers depend on how many records share a run');
    },
    lose: end,
  };
}
