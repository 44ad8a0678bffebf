import type { RolloutRefusal, RolloutWish } from '../../../../schemas/rollout.ts';
import type { Log } from '../log.ts';
import type { LoadedModel, Serving } from '../serving.ts';
import type { Comparison } from './compareAnswers.ts';
import type { Rollouts, RunningRollout } from './rollouts.ts';
import { Refusal, type Target, type TargetSource } from './target.ts';

/** What a reloader does for a rollout. Each is a turn of its own; what throws has changed nothing. */
export interface RolloutTurns {
  /** Loads the version beside the one that is served and checks it, or changes the share of the one that is there already.
   *  @returns undefined where nothing was loaded. @throws Refusal, ServingError */
  begin(wish: RolloutWish, served: Target): Promise<Comparison | undefined>;
  /** The same after the worker has started again, as it was noted. @throws Refusal, ServingError */
  resume(served: Target): Promise<Comparison | undefined>;
  /** Frees the second model. @throws Refusal "rollout-missing" */
  abort(): Promise<void>;
  /** What is promoted. @throws Refusal "rollout-missing" */
  requireRunning(): RunningRollout;
  /** @throws Refusal "rollout-running" */
  requireNone(): void;
}

export interface RolloutTurnsOptions {
  readonly source: TargetSource;
  readonly rollouts: Rollouts;
  /** Loads and warms a model, and checks it against what is served. @throws Refusal, ServingError */
  readonly loadChecked: (target: Target) => Promise<{ loaded: LoadedModel; compared: Comparison }>;
  readonly make: (loaded: LoadedModel, target: Target) => Serving;
  readonly log: Log;
}

export function createRolloutTurns(options: RolloutTurnsOptions): RolloutTurns {
  const { source, rollouts, log } = options;

  async function begin(wish: RolloutWish, served: Target): Promise<Comparison | undefined> {
    const { running } = rollouts;
    if (running && running.wish.version !== wish.version) throw runningRefusal(running.wish);
    const { version } = served.model.found;
    if (version === undefined) throw refusal('rollout-impossible', noVersions);
    if (version === wish.version)
      throw refusal('rollout-impossible', `Version ${version} is what is served already.`);
    let compared: Comparison | undefined;
    if (running) await rollouts.begin({ ...running, wish });
    else {
      const target = await source.readVersion(served, wish.version);
      const { loaded, ...found } = await options.loadChecked(target);
      ({ compared } = found);
      await rollouts.begin({ serving: options.make(loaded, target), target, wish });
    }
    source.noteRollout({ served: version, ...wish });
    log.info(`rollout: ${shareText(wish)}; version ${version} answers the others`);
    return compared;
  }

  return {
    begin,
    async resume(served) {
      const noted = source.notedRollout();
      if (!noted) return undefined;
      const { version } = served.model.found;
      if (noted.served === version) return begin(noted, served);
      source.noteRollout(undefined);
      throw refusal(
        'rollout-ended',
        `Version ${version ?? 'of a model without versions'} is served since the worker has started again, and the rollout was from version ${noted.served} to ${noted.version}: begin it again.`,
      );
    },
    async abort() {
      // Also one that could not be taken up again.
      source.noteRollout(undefined);
      const { serving, wish } = requireRunning();
      await rollouts.end();
      await serving.loaded.close();
      log.info(`rollout: version ${wish.version} is taken away`);
    },
    requireRunning,
    requireNone() {
      if (rollouts.running) throw runningRefusal(rollouts.running.wish);
    },
  };

  function requireRunning(): RunningRollout {
    const { running } = rollouts;
    if (running) return running;
    throw refusal(
      'rollout-missing',
      'No rollout runs: begin one with "cluster-serving rollout --to <version> --share <percent>".',
    );
  }
}

const noVersions =
  'The model has no versions: keep each in a folder of its own (1/, 2/, …) within the folder that modelPath names.';

function runningRefusal(wish: RolloutWish): Refusal {
  return refusal(
    'rollout-running',
    `A rollout runs: ${shareText(wish)}. Promote it with "cluster-serving rollout --promote", or take it back with "cluster-serving rollout --abort"; until then nothing else is taken over.`,
  );
}

function shareText({ version, percent, isShadow }: RolloutWish): string {
  return isShadow
    ? `version ${version} is compared on ${percent} % of the records`
    : `version ${version} answers ${percent} % of the records`;
}

function refusal(code: RolloutRefusal, message: string): Refusal {
  return new Refusal(code, message);
}
