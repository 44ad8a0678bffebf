import type { KeyName } from '../config/configKeys.ts';
import type { Backend, JobReport, ReloadRefusal } from '../jobEvents.ts';

/** What our editor extension and the language server say to each other beyond the protocol. */

/** The language that our editor extension gives to files that are recognised: other extensions for YAML then leave them
 *  alone, and nothing is answered twice. Other editors keep `yaml`. */
export const configLanguageId = 'cluster-serving';

/** Asks whose file a text is that is open in the editor. Takes `OpenText`, answers `Recognised`. */
export const recogniseRequest = 'clusterServing/recognise';

export interface OpenText {
  readonly uri: string;
  /** With `languageId` it stays recognised until a comment or a setting says otherwise. */
  readonly languageId: string;
  readonly text: string;
}

export interface Recognised {
  readonly kind: 'config' | 'servables' | 'foreign';
  /** One sentence that gives the reason, for people. */
  readonly because: string;
  /** How many keys of config.yaml the file has: a file that was not recognised but has some may be a config after all. */
  readonly ownKeys: number;
}

/** Sends the language server all jobs that the editor sees, again with each change; for the lenses over modelPath. A
 *  notification with `JobsMessage`; a job that is not in it is stopped. */
export const jobsNotification = 'clusterServing/jobs';

export interface JobsMessage {
  readonly jobs: readonly Pick<JobReport, 'jobName' | 'redis' | 'state'>[];
  /** Configs on this machine that a running worker does not take over. */
  readonly refused?: readonly RefusedConfig[];
}

/** Why a worker goes on as before though its config or its model has changed. */
export interface RefusedConfig extends ReloadRefusal {
  /** Of the config that the worker was started with. */
  readonly configPath: string;
}

/** Asks what a config says, open or not. Takes `ConfigQuestion`, answers `ConfigFacts`, or null for a text that is no
 *  config or names no model. */
export const configFactsRequest = 'clusterServing/configFacts';

export interface ConfigQuestion {
  readonly uri: string;
  readonly text: string;
}

/** What the views and the snippets show of a config. The command line reads the file again, in full, when it acts. */
export interface ConfigFacts {
  readonly jobName: string;
  /** As it is written. */
  readonly modelPath: string;
  readonly redisHost: string;
  readonly redisPort: string;
  /** Where its queue is, as reports say it, if that is no Redis. */
  readonly store?: string;
  readonly backend: Backend;
  /** host:port of Flink's REST service. */
  readonly flinkRestUrl: string;
  /** What decides how much a worker does at once. */
  readonly tuning: Readonly<
    Record<'batchSize' | 'threadPerModel' | 'modelParallelism' | 'coreNumberPerMachine', number>
  >;
  /** The variables of the environment that values of it are taken from, each once. */
  readonly environment: readonly string[];
}

/** Asks for a config's text with other values. Takes `ValuesQuestion`, answers the text, or null where the text is broken
 *  or written in a way that only a person should change. */
export const setValuesRequest = 'clusterServing/setValues';

export interface ValuesQuestion {
  readonly text: string;
  /** As they are to stand in the file, by key. */
  readonly values: Partial<Readonly<Record<KeyName, string>>>;
}

/** Asks for a config's text as one writes it now: `ConvertQuestion`, answered by the text. What is read from it is the
 *  same. */
export const convertRequest = 'clusterServing/convert';

export interface ConvertQuestion {
  readonly text: string;
}
