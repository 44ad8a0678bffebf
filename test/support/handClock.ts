import type { Clock } from '../../server/src/engine/clock.ts';

/** A clock that moves when the test says so. */
export interface HandClock extends Clock {
  /** Moves on by a number of ms and calls what is due. */
  advance(ms: number): void;
  /** The same from one alarm to the next: what one sets is called, too, and everything that waits for its turn gets it. */
  pass(ms: number): Promise<void>;
}

interface Alarm {
  readonly at: number;
  readonly call: () => void;
}

export function createHandClock(startMs = 1_000): HandClock {
  let now = startMs;
  const alarms = new Set<Alarm>();
  return {
    storeMs: () => now,
    steadyMs: () => now,
    after(ms, call) {
      const alarm = { at: now + ms, call };
      alarms.add(alarm);
      return () => alarms.delete(alarm);
    },
    advance(ms) {
      now += ms;
      for (const alarm of [...alarms]) if (alarm.at <= now && alarms.delete(alarm)) alarm.call();
    },
    async pass(ms) {
      const until = now + ms;
      await settled();
      for (let alarm = firstOf(alarms, until); alarm; alarm = firstOf(alarms, until)) {
        alarms.delete(alarm);
        now = Math.max(now, alarm.at);
        alarm.call();
        await settled();
      }
      now = until;
    },
  };
}

function firstOf(alarms: ReadonlySet<Alarm>, until: number): Alarm | undefined {
  const [first] = [...alarms].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
  return first;
}

/** Lets everything run that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
