import type { Answers, Published } from './answers.ts';
import type { Payload } from './payload.ts';
import { steadyClock, type SteadyClock } from './steadyClock.ts';

/** Where results are. */
export interface ResultSource {
  /** Reads results and leaves them. @param withinMs  how long it may take
   *  @throws ServingError "redis-…" when it could not be asked */
  read(uris: readonly string[], withinMs?: number): Promise<readonly (Payload | undefined)[]>;
  remove(uris: readonly string[]): Promise<void>;
  /** Hears of results as they are written. */
  listen(onAnswered: (results: readonly Published[]) => void): Answers;
}

export interface ResultWaiterOptions {
  /** Called with how long each read took. */
  readonly onTaken: (ms: number) => void;
}

export interface ResultWaiter {
  /** Begins to wait; to be called before the record is added, or a quick answer may be missed.
   *  @param deadline  in ms, by the monotonic clock; then one last look is taken
   *  @returns the value, or undefined when it has not come by then or the wait is abandoned
   *  @throws ServingError "redis-…" when Redis could not be asked for it at the end */
  wait(uri: string, deadline: number): Promise<Payload | undefined>;
  /** Ends waits with an error, for records that could not be put in. */
  fail(uri: string, error: unknown): void;
  /** Ends a wait whose caller has gone; its result is removed when it comes. */
  abandon(uri: string): void;
  readonly waiting: number;
  /** Removes the results that were announced and are not removed yet. */
  close(): Promise<void>;
}

interface Wait {
  readonly since: number;
  readonly deadline: number;
  readonly resolve: (value: Payload | undefined) => void;
  readonly reject: (error: unknown) => void;
  /** When it is polled for without having been announced. */
  pollAt: number;
  /** A message has named it. */
  announced: boolean;
  /** Its deadline has passed, and the last look is being taken. */
  isEnding: boolean;
}

/** With workers that announce their answers, polling is only a safety net. */
const netMs = 100;
const netTickMs = 20;
/** The original's workers announce nothing: each result is polled for this often. */
const pollMs = 2;
const maxPerRead = 1_000;
/** Results that are missing from their message are large: this many are fetched at once. */
const maxLargePerRead = 8;
/** With more results that no message named, the messages are taken for lost. */
const maxUnannounced = 5;
const retryMs = 50;
/** A wait that is over is held up by a Redis that does not answer for no longer than this. */
const lastLookMs = 1_000;
/** Results that were announced are removed this often: a command for each message would cost as much as the message. */
const removeEveryMs = 20;
/** Results that come after their caller has gone are removed for this long. */
const abandonedMs = 600_000;
const maxAbandoned = 10_000;

/** Waits for exactly the results it is asked for and touches no other key: no scan, no blocking call.
 *  Workers announce what they have written, so nothing is done while nothing is awaited, and one command removes all results
 *  of a write. If messages do not come, for the workers are the original's or the connection is lost, it polls for what
 *  is awaited, until messages come again. */
export function createResultWaiter(
  options: ResultWaiterOptions,
  source: ResultSource,
  clock: SteadyClock = steadyClock,
): ResultWaiter {
  const waits = new Map<string, Wait>();
  const abandoned = new Map<string, number>();
  /** Results that were found before any message about them: it is late, or lost. */
  const unannounced = new Set<string>();
  let ready = new Set<string>();
  /** Those among them whose results are large. */
  const large = new Set<string>();
  let workersAnnounce = false;
  let taking = false;
  const unneeded: string[] = [];
  let cancelRemoval: (() => void) | undefined;
  let removing = Promise.resolve();
  let hasHeard = false;
  let cancelTick: (() => void) | undefined;
  let closed = false;

  const answers = source.listen((results) => {
    workersAnnounce = true;
    for (const { uri, value } of results) hear(uri, value);
    take();
    remove();
  });

  /** @param value  undefined where it has to be fetched */
  function hear(uri: string, value: Payload | undefined): void {
    unannounced.delete(uri);
    const wait = waits.get(uri);
    if (wait) wait.announced = true;
    else if (!abandoned.has(uri)) return;
    if (value === undefined) {
      large.add(uri);
      ready.add(uri);
      return;
    }
    unneeded.push(uri);
    settle(uri, value);
    hasHeard = true;
  }

  /** A result that came in a message need not be fetched, only removed; no caller waits for that. */
  function remove(): void {
    if (hasHeard) options.onTaken(0);
    hasHeard = false;
    if (unneeded.length > 0) removeSoon(removeEveryMs);
  }

  function removeSoon(ms: number): void {
    if (closed) return;
    cancelRemoval ??= clock.after(ms, () => {
      cancelRemoval = undefined;
      removing = removeAll().catch(() => removeSoon(retryMs));
    });
  }

  async function removeAll(): Promise<void> {
    while (unneeded.length > 0) {
      const uris = unneeded.splice(0, maxPerRead);
      try {
        await source.remove(uris);
      } catch (error) {
        unneeded.push(...uris);
        throw error;
      }
    }
  }

  function take(): void {
    if (!taking && ready.size > 0) void takeAll();
  }

  async function takeAll(): Promise<void> {
    taking = true;
    while (ready.size > 0 && !closed) {
      const uris = nextPage();
      const start = clock.steadyMs();
      try {
        const values = await read(uris);
        const found = uris.filter((uri, i) => settle(uri, values[i]));
        if (found.length > 0) options.onTaken(clock.steadyMs() - start);
      } catch {
        // The deadline of each wait bounds how long a Redis that is away is waited out.
        await new Promise<void>((resolve) => clock.after(retryMs, resolve));
        for (const uri of uris) if (waits.has(uri)) ready.add(uri);
      }
    }
    taking = false;
  }

  function nextPage(): readonly string[] {
    const all = [...ready];
    const small = all.filter((uri) => !large.has(uri));
    const uris = small.length > 0 ? small.slice(0, maxPerRead) : all.slice(0, maxLargePerRead);
    if (uris.length === all.length) ready = new Set();
    else for (const uri of uris) ready.delete(uri);
    return uris;
  }

  /** Reads results; those that are there are removed once they are here. */
  async function read(uris: readonly string[], withinMs?: number): Promise<readonly (Payload | undefined)[]> {
    const values = await source.read(uris, withinMs);
    unneeded.push(...uris.filter((_, i) => values[i] !== undefined));
    if (unneeded.length > 0) removeSoon(removeEveryMs);
    return values;
  }

  /** The result may have come since the last look, or its message may be lost. */
  async function pollOnceMore(uris: readonly string[]): Promise<void> {
    try {
      const values = await read(uris, lastLookMs);
      uris.forEach((uri, i) => {
        if (!settle(uri, values[i])) abandon(uri);
      });
    } catch (error) {
      for (const uri of uris) fail(uri, error);
    }
  }

  /** @returns whether there was a result */
  function settle(uri: string, value: Payload | undefined): boolean {
    if (value === undefined) return false;
    abandoned.delete(uri);
    large.delete(uri);
    const wait = waits.get(uri);
    if (!wait) return true;
    waits.delete(uri);
    if (!wait.announced && workersAnnounce) unannounced.add(uri);
    wait.resolve(value);
    return true;
  }

  function tick(): void {
    cancelTick = undefined;
    const now = clock.steadyMs();
    const over: string[] = [];
    if (unannounced.size > maxUnannounced) {
      unannounced.clear();
      workersAnnounce = false;
      answers.reconnect();
    }
    for (const [uri, wait] of waits) {
      if (wait.isEnding) continue;
      if (wait.deadline <= now && over.length < maxPerRead) {
        wait.isEnding = true;
        over.push(uri);
      } else if ((wait.pollAt <= now || !workersAnnounce) && ready.size < maxPerRead) {
        // Later looks are rarer: a record that waits for long is most likely still in the queue.
        wait.pollAt = now + Math.max(netMs, now - wait.since);
        ready.add(uri);
      }
    }
    if (over.length > 0) void pollOnceMore(over);
    take();
    if (waits.size > 0) keepTicking();
    else sweep(now);
  }

  function keepTicking(): void {
    if (closed) return;
    cancelTick ??= clock.after(workersAnnounce ? netTickMs : pollMs, tick);
  }

  /** Looks once for late results when the last wait has ended, and forgets those that do not come. */
  function sweep(now: number): void {
    for (const [uri, until] of abandoned) {
      if (until <= now) abandoned.delete(uri);
      else if (ready.size < maxPerRead) ready.add(uri);
    }
    take();
  }

  function abandon(uri: string): void {
    const wait = waits.get(uri);
    if (!wait) return;
    waits.delete(uri);
    const oldest = abandoned.size < maxAbandoned ? undefined : abandoned.keys().next().value;
    if (oldest !== undefined) abandoned.delete(oldest);
    abandoned.set(uri, clock.steadyMs() + abandonedMs);
    wait.resolve(undefined);
  }

  function fail(uri: string, error: unknown): void {
    waits.get(uri)?.reject(error);
    abandon(uri);
  }

  return {
    get waiting() {
      return waits.size;
    },
    wait(uri, deadline) {
      const since = clock.steadyMs();
      return new Promise((resolve, reject) => {
        waits.set(uri, {
          since,
          deadline,
          resolve,
          reject,
          pollAt: since + netMs,
          announced: false,
          isEnding: false,
        });
        keepTicking();
      });
    },
    fail,
    abandon,
    async close() {
      closed = true;
      cancelTick?.();
      cancelRemoval?.();
      answers.close();
      await removing;
      // Without Redis they stay until they expire.
      await removeAll().catch(() => undefined);
    },
  };
}
