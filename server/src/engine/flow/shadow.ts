import { messageOf } from '../../../../schemas/errors.ts';
import { agreesWithin, type Agreement } from '../../../../schemas/rollout.ts';
import type { Model } from '../../model/model.ts';
import type { FittedRecord } from '../../tensor/fit.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { compareAnswers } from '../reload/compareAnswers.ts';
import { copyOf } from '../reload/lastInputs.ts';
import { createVersionCounter, type VersionCounter } from './versionFigures.ts';

/** Runs a second model on some of what the first is given, and compares the answers. Nothing of it reaches a client. */
export interface Shadow {
  /** Called with all that the first model is given. */
  see(name: string, instances: readonly FittedRecord[]): void;
  /** Holds back what has not begun. Resolves when nothing of it is in a model. */
  pause(): Promise<void>;
  resume(): void;
  /** Sees nothing any more. Resolves when nothing of it is in a model. */
  close(): Promise<void>;
  readonly agreement: Agreement;
  /** Of the first model, and of the second. */
  readonly figures: { readonly served: VersionCounter; readonly next: VersionCounter };
}

export interface ShadowOptions {
  readonly served: Model;
  readonly next: Model;
  /** Whether it compares the answers to what has this name. */
  readonly takes: (name: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** As many wait. A shadow that is slower than the model beside it skips records: it must not hold them up. */
const maxWaiting = 256;
/** The first failures are logged, the others counted. */
const maxLogged = 5;

export function createShadow(options: ShadowOptions): Shadow {
  const { clock, log } = options;
  const figures = { served: createVersionCounter(), next: createVersionCounter() };
  const served = timed(options.served, figures.served);
  const next = timed(options.next, figures.next);
  let waiting: (readonly FittedRecord[])[] = [];
  let running: Promise<void> | undefined;
  let paused = false;
  let closed = false;
  let compared = 0;
  let agreed = 0;
  let skipped = 0;
  let difference = 0;
  let failures = 0;

  /** The time of its own run, beside others of the same model. */
  function timed(model: Model, counter: VersionCounter): Pick<Model, 'inputs' | 'run'> {
    return {
      inputs: model.inputs,
      async run(feeds) {
        const start = clock.steadyMs();
        const outputs = await model.run(feeds);
        counter.ran(clock.steadyMs() - start);
        return outputs;
      },
    };
  }

  function start(): void {
    running ??= work().finally(() => {
      running = undefined;
    });
  }

  async function work(): Promise<void> {
    for (;;) {
      const instances = paused || closed ? undefined : waiting.shift();
      if (!instances) return;
      await compare(instances);
    }
  }

  async function compare(instances: readonly FittedRecord[]): Promise<void> {
    try {
      const outcome = await compareAnswers(served, next, instances);
      if (outcome.failure !== undefined) {
        fail(outcome.failure);
        return;
      }
      // What the first model does not answer says nothing of the second.
      if (outcome.compared < instances.length) return;
      compared += 1;
      difference = Math.max(difference, outcome.difference);
      if (outcome.difference <= agreesWithin) agreed += 1;
      figures.served.answered(1);
      figures.next.answered(1);
    } catch (error) {
      fail(messageOf(error));
    }
  }

  function fail(reason: string): void {
    figures.next.failed();
    failures += 1;
    if (failures <= maxLogged) log.warn(`the shadow does not answer what the served version does: ${reason}`);
  }

  return {
    figures,
    see(name, instances) {
      if (closed || !options.takes(name)) return;
      if (waiting.length >= maxWaiting) {
        skipped += 1;
        return;
      }
      waiting.push(instances.map(copyOf));
      if (!paused) start();
    },
    async pause() {
      paused = true;
      await running;
    },
    resume() {
      paused = false;
      start();
    },
    async close() {
      closed = true;
      waiting = [];
      await running;
    },
    get agreement() {
      return {
        compared,
        agreed,
        difference: Number.isFinite(difference) ? difference : null,
        skipped,
      };
    },
  };
}
