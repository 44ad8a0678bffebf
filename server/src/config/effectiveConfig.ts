import type { Config, KeyName } from '../../../schemas/config/configKeys.ts';
import { modelTypeRow, type ModelType } from '../../../schemas/runtimes.ts';

export interface EffectiveConfig {
  /** Copies of the model. */
  readonly modelParallelism: number;
  /** Threads of one copy. */
  readonly threadPerModel: number;
  /** Keys whose value coreNumberPerMachine replaces by another one. */
  readonly overridden: readonly KeyName[];
}

/** Applies coreNumberPerMachine: OpenVINO's models get that many threads, every other type that many copies of one thread.
 *  @param type  as detectModel names it; undefined where it is not known
 *  @see BigDL ClusterServing.scala */
export function effectiveConfig(config: Config, type: ModelType | undefined): EffectiveConfig {
  const { modelParallelism, threadPerModel, coreNumberPerMachine: cores } = config;
  if (cores < 1) return { modelParallelism, threadPerModel, overridden: [] };
  const effective =
    type !== undefined && modelTypeRow(type).cores === 'threads'
      ? { modelParallelism, threadPerModel: cores }
      : { modelParallelism: cores, threadPerModel: 1 };
  const keys = ['modelParallelism', 'threadPerModel'] as const;
  return { ...effective, overridden: keys.filter((key) => effective[key] !== config[key]) };
}
