import type { Choice, RolloutReport, RolloutWish } from '../../../../schemas/rollout.ts';
import { isInShare } from '../../../../schemas/rolloutShare.ts';
import type { Clock } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { createShadow, type Shadow } from '../flow/shadow.ts';
import type { Log } from '../log.ts';
import type { Serving } from '../serving.ts';
import type { Target } from './target.ts';

/** What stands beside the version that is served. */
export interface RunningRollout {
  readonly serving: Serving;
  readonly target: Target;
  readonly wish: RolloutWish;
}

/** The second version of a worker. It loads and frees no model. */
export interface Rollouts {
  readonly running: RunningRollout | undefined;
  /** Gives a version its share from now on, or another share where it is there already. Resolves when what it is given no more
   *  is answered. */
  begin(next: RunningRollout): Promise<void>;
  /** Resolves when what it had is answered: then its model may go. */
  end(): Promise<void>;
  /** What answers what is chosen so. */
  servingOf(choice: Choice): Serving;
  report(): RolloutReport | undefined;
}

export interface RolloutsOptions {
  readonly engine: Pick<Engine, 'divide' | 'unite' | 'shade' | 'isBeside' | 'counters'>;
  readonly served: () => Serving;
  readonly clock: Clock;
  readonly log: Log;
}

export function createRollouts({ engine, served, clock, log }: RolloutsOptions): Rollouts {
  let running: (RunningRollout & { readonly since: number; readonly shadow: Shadow | undefined }) | undefined;

  /** Nothing of the answers to clients comes from it. */
  function shadowOf({ serving, wish }: RunningRollout): Shadow {
    return createShadow({
      served: served().model,
      next: serving.model,
      takes: (name) => isInShare(name, wish.percent),
      clock,
      log,
    });
  }

  return {
    get running() {
      return running;
    },
    async begin(next) {
      const { serving, wish } = next;
      const before = running;
      const shadow = wish.isShadow ? shadowOf(next) : undefined;
      running = { ...next, shadow, since: Math.round(clock.storeMs()) };
      engine.shade(shadow);
      if (!shadow) engine.divide({ generation: serving, takes: (name) => isInShare(name, wish.percent) });
      else await engine.unite();
      await before?.shadow?.close();
    },
    async end() {
      const before = running;
      running = undefined;
      engine.shade(undefined);
      await Promise.all([engine.unite(), before?.shadow?.close()]);
    },
    servingOf: (choice) => (running && engine.isBeside(choice) ? running.serving : served()),
    report() {
      if (!running) return undefined;
      const { wish, serving, since, shadow } = running;
      const counters = shadow?.figures ?? engine.counters;
      if (!counters) return undefined;
      return {
        ...wish,
        since,
        served: counters.served.report(served().version),
        next: counters.next.report(serving.version),
        ...(shadow ? { agreement: shadow.agreement } : {}),
      };
    },
  };
}
