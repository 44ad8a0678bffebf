import type { Config } from '../../../../schemas/config/configKeys.ts';
import type { RolloutWish } from '../../../../schemas/rollout.ts';
import type { WorkerJob } from '../../../../schemas/workerJob.ts';
import type { ResolvedModel } from '../../model/resolveModel.ts';

/** What a worker is to serve, by its config and the files of the model. */
export interface Target {
  readonly config: Config;
  readonly job: WorkerJob;
  readonly model: ResolvedModel;
  /** Of config and model files together, before they were read. */
  readonly print: string;
  /** Of the files of this model alone. */
  readonly modelPrint: string;
}

/** Where targets come from. */
export interface TargetSource {
  /** What a worker that starts is to serve: what config and files say, or what is pinned. @throws ServingError */
  first(): Promise<Target>;
  /** What config and files say now. @throws Refusal, ServingError */
  read(): Promise<Target>;
  /** The version before one, where the model's folder has versions. @throws Refusal, ServingError */
  readBefore(target: Target): Promise<Target>;
  /** Another version of what a target serves, by the same config. @throws ServingError */
  readVersion(target: Target, version: string): Promise<Target>;
  /** Equal while neither the config nor a file of the model has changed. */
  print(): Promise<string>;
  /** Of the files of a model. */
  printModel(target: Target): Promise<string>;
  /** Takes over what the config says beside the model, such as how long results are kept. */
  apply(target: Target): void;
  /** Notes that a worker which starts with these files is to serve that version, or undoes the note. */
  pin(pinned: { readonly print: string; readonly version: string } | undefined): void;
  /** Notes the rollout that a worker which starts again is to take up, or that there is none. */
  noteRollout(noted: NotedRollout | undefined): void;
  notedRollout(): NotedRollout | undefined;
}

export interface NotedRollout extends RolloutWish {
  /** The version beside which it ran. */
  readonly served: string;
}

/** Why what is there now is not served. The message is one or more sentences. */
export class Refusal extends Error {
  readonly code: string;
  /** The key of config.yaml that it is about. */
  readonly key: string | undefined;

  constructor(code: string, message: string, key?: string) {
    super(message);
    this.code = code;
    this.key = key;
  }
}
