import type { FrontendBeat } from '../../../../schemas/jobEvents.ts';
import { heartbeatIntervalMs } from '../../../../schemas/redis/redisKeys.ts';
import { withDeadline } from '../../queue/redis/withDeadline.ts';
import type { StoreLink } from '../../queue/store.ts';

/** A Redis in use, and the jobs there that can be asked through this frontend. */
export interface WatchedRedis {
  readonly link: StoreLink;
  readonly jobNames: ReadonlySet<string>;
}

export interface PresenceSetup {
  readonly places: readonly WatchedRedis[];
  readonly report: Omit<FrontendBeat, 'jobNames'>;
  /** The frontend was asked to stop. */
  readonly onAsked: () => void;
}

/** A frontend that ends waits no longer for a Redis that does not answer: its entry expires by itself. */
const farewellMs = 1_000;

/** Writes to each Redis in use once a second that this frontend lives, so that any program with that Redis can list it. Beside the
 *  requests, whose way has nothing of it. */
export function createPresence({ places, report, onAsked }: PresenceSetup): { close(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function beat(): Promise<void> {
    const asked = await Promise.allSettled(
      places.map(({ link, jobNames }) =>
        link.run(({ registry }) => registry.beatFrontend({ ...report, jobNames: [...jobNames] })),
      ),
    );
    // A Redis that cannot be asked is reported by the watch on its jobs.
    if (closed) return;
    if (asked.some((one) => one.status === 'fulfilled' && one.value)) onAsked();
    timer = setTimeout(() => void beat(), heartbeatIntervalMs);
  }
  void beat();

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await Promise.allSettled(
        places.map(({ link }) =>
          withDeadline(
            link.run(({ registry }) => registry.forgetFrontend(report.frontendId)),
            farewellMs,
            'Redis',
          ),
        ),
      );
    },
  };
}
