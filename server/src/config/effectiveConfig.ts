import type { Config, KeyName } from '../../../schemas/configKeys.ts';

export interface EffectiveConfig {
  /** Copies of the model. */
  readonly modelParallelism: number;
  /** Threads of one copy. */
  readonly threadPerModel: number;
  /** Keys whose value coreNumberPerMachine replaces by another one. */
  readonly overridden: readonly KeyName[];
}

/** Applies coreNumberPerMachine: OpenVINO gets that many threads, every other type that many copies of one thread.
 *  @param modelType  as detectModel names it
 *  @see BigDL ClusterServing.scala */
export function effectiveConfig(config: Config, modelType: string): EffectiveConfig {
  const { modelParallelism, threadPerModel, coreNumberPerMachine: cores } = config;
  if (cores < 1) return { modelParallelism, threadPerModel, overridden: [] };
  const effective =
    modelType === 'openvino'
      ? { modelParallelism, threadPerModel: cores }
      : { modelParallelism: cores, threadPerModel: 1 };
  const keys = ['modelParallelism', 'threadPerModel'] as const;
  return { ...effective, overridden: keys.filter((key) => effective[key] !== config[key]) };
}
