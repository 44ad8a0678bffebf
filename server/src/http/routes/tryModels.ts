import type { Heartbeat } from '../../../../schemas/jobEvents.ts';
import { typicalOf, type TryModel } from '../../../../schemas/pages.ts';
import type { Frontend } from '../frontend.ts';
import type { Servable } from '../setup/servable.ts';

/** The models that the page at / can ask, as they are now: the main job, then those of servables-conf.yaml. */
export function tryModels({ main, servables }: Frontend): readonly TryModel[] {
  return [
    tryModel(main, '/predict'),
    ...servables.map((servable) => {
      const { modelName, modelVersion } = servable.facts;
      return tryModel(
        servable,
        `/models/${encodeURIComponent(modelName)}/versions/${encodeURIComponent(modelVersion)}/predict`,
      );
    }),
  ];
}

function tryModel(servable: Servable, path: string): TryModel {
  const { facts, watch } = servable;
  const model = servable.model();
  const refusal = servable.refusal();
  const beats: readonly Heartbeat[] =
    watch.job(facts.redisInputQueue)?.workers.flatMap(({ heartbeat }) => heartbeat ?? []) ?? [];
  const typicalMs = typicalOf(beats);
  return {
    name: facts.modelName,
    version: facts.modelVersion,
    path,
    ...(refusal === undefined ? {} : { refusal }),
    inputs: model?.inputs ?? [],
    outputs: model?.outputs ?? [],
    batched: model?.batched ?? false,
    labels: servable.labels(),
    ...(typicalMs ? { typicalMs } : {}),
  };
}
