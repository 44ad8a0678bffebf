import {
  listedStates,
  type ListedPage,
  type ListedState,
  type ListQuestion,
} from '../../schemas/recordsPage.ts';
import { rowOf, type RecordRow } from './recordRow.ts';

/** The records of a queue as far as they are loaded. The lists come one after the other, so that what is loaded later stands
 *  below what is there. */
export interface RecordList {
  rows(): readonly RecordRow[];
  /** How many were looked at: more than there are rows where the lists are searched. */
  looked(): number;
  isLoading(): boolean;
  hasMore(): boolean;
  /** Why the last part could not be loaded. */
  failure(): string | undefined;
  /** Other records may be in the queue by now. */
  isOld(): boolean;
  /** Shows other lists, or other records of them. */
  choose(states: readonly ListedState[], uri: string): Promise<void>;
  /** Loads the next part; of a search, until there is something to see. */
  more(): Promise<void>;
  /** Loads the rest, until `stop`. */
  all(): Promise<void>;
  stop(): void;
  /** Whether the user has stopped it since. */
  isStopped(): boolean;
  /** The queue has moved: a short list is loaded again, a long one is old until `reload`. */
  moved(): Promise<void>;
  /** Begins again. What is shown stays until the new records are there. */
  reload(): Promise<void>;
}

export interface RecordListOptions {
  /** @throws why it cannot be answered */
  readonly ask: (question: ListQuestion) => Promise<ListedPage>;
  readonly onChange: () => void;
}

/** A search goes on until it has found this many, or as many more. */
const wantedRows = 100;

/** How far a list is loaded. */
interface Loaded {
  readonly rows: RecordRow[];
  looked: number;
  parts: number;
  /** What comes next; none at the end. */
  next: { readonly state: ListedState; readonly after?: string } | undefined;
}

export function createRecordList({ ask, onChange }: RecordListOptions): RecordList {
  let states: readonly ListedState[] = listedStates;
  let uri = '';
  let loaded = begin();
  let failure: string | undefined;
  let isOld = false;
  let stopped = false;
  /** The queue has moved while a part was being loaded. */
  let hasMovedOn = false;
  /** Counts choices and reloads: what was asked for before is dropped. */
  let turn = 0;
  let working = 0;

  function begin(): Loaded {
    const [first] = states;
    return { rows: [], looked: 0, parts: 0, next: first && { state: first } };
  }

  function following(state: ListedState): Loaded['next'] {
    const next = states[states.indexOf(state) + 1];
    return next && { state: next };
  }

  async function loadPart(into: Loaded): Promise<void> {
    const { next } = into;
    if (!next) return;
    const page = await ask({ ...next, ...(uri === '' ? {} : { uri }) });
    const known = new Set(into.rows.map(({ key }) => key));
    // A record may have been put back and have died again between two parts.
    into.rows.push(
      ...page.records.map((record) => rowOf(next.state, record)).filter(({ key }) => !known.has(key)),
    );
    into.looked += page.searched ?? page.records.length;
    into.parts += 1;
    into.next = page.next === undefined ? following(next.state) : { state: next.state, after: page.next };
  }

  /** Loads parts until there is enough, the end is reached, or something else is wanted. */
  async function load(into: Loaded, isEnough: () => boolean, onPart: () => void): Promise<boolean> {
    const mine = turn;
    stopped = false;
    working += 1;
    onChange();
    try {
      while (into.next && !isEnough() && !wasStopped()) {
        await loadPart(into);
        if (mine !== turn) return false;
        failure = undefined;
        onPart();
      }
      return true;
    } catch (error) {
      if (mine === turn) failure = error instanceof Error ? error.message : String(error);
      return false;
    } finally {
      working -= 1;
      onChange();
      if (working === 0 && hasMovedOn) {
        hasMovedOn = false;
        void moved();
      }
    }
  }

  /** @param least  how many rows to load at the least */
  async function restart(least: number, isKept: boolean): Promise<void> {
    turn += 1;
    const fresh = begin();
    if (!isKept) loaded = fresh;
    const isDone = await load(
      fresh,
      () => fresh.rows.length >= least,
      () => {
        if (!isKept) onChange();
      },
    );
    if (!isDone) return;
    loaded = fresh;
    isOld = false;
    onChange();
  }

  async function moved(): Promise<void> {
    if (working > 0) hasMovedOn = true;
    // The parts of a long list would have to be asked for again one by one.
    else if (loaded.parts > states.length || uri !== '') {
      isOld = true;
      onChange();
    } else await reload();
  }

  const wasStopped = () => stopped;

  const reload = () => restart(Math.max(1, Math.min(loaded.rows.length, wantedRows)), true);

  return {
    rows: () => loaded.rows,
    looked: () => loaded.looked,
    isLoading: () => working > 0,
    hasMore: () => loaded.next !== undefined,
    failure: () => failure,
    isOld: () => isOld,
    choose(chosen, wanted) {
      states = listedStates.filter((state) => chosen.includes(state));
      uri = wanted;
      return restart(wantedRows, false);
    },
    async more() {
      if (working > 0) return;
      const into = loaded;
      const before = into.rows.length;
      await load(into, () => into.rows.length >= before + (uri === '' ? 1 : wantedRows), onChange);
    },
    async all() {
      if (working > 0) return;
      await load(loaded, () => false, onChange);
    },
    stop() {
      stopped = true;
    },
    isStopped: wasStopped,
    moved,
    reload,
  };
}
