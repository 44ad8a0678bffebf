import type { FastifyRequest } from 'fastify';
import type { Choice } from '../../../../schemas/rollout.ts';
import type { Frontend } from '../frontend.ts';
import type { HttpError } from '../httpError.ts';
import type { Servable } from '../setup/servable.ts';
import { unknownModel } from './models.ts';

/** The model that a path of the Open Inference Protocol names, with or without its version. @throws HttpError "model-unknown" */
export function v2Servable(request: FastifyRequest, { main, servables }: Frontend): Servable {
  const { name, version } = request.params as { readonly name: string; readonly version?: string };
  const all = [...servables, main].filter(({ facts }) => facts.modelName === name);
  const found = all.find((servable) => version === undefined || versionsOf(servable, main).includes(version));
  if (found) return found;
  throw unknownVersion(
    unknownModel(name, version),
    all.flatMap((servable) => versionsOf(servable, main)),
  );
}

/** That of the model's folder, where it has versions; of a model in servables-conf.yaml, what that says.
 *  @param choice  where two versions are served; without it, the one that is not in a rollout */
export function versionOf(servable: Servable, main: Servable, choice?: Choice): string {
  const { modelVersion } = servable.facts;
  return servable === main ? (servable.model(choice)?.version ?? modelVersion) : modelVersion;
}

/** Those that answer: two during a rollout whose answers are visible. */
export function versionsOf(servable: Servable, main: Servable): readonly string[] {
  const rollout = servable === main ? servable.model()?.rollout : undefined;
  return [versionOf(servable, main), ...(rollout && !rollout.isShadow ? [rollout.version] : [])];
}

function unknownVersion(error: HttpError, served: readonly string[]): HttpError {
  if (served.length > 0) error.message += ` What is served is version ${served.join(', ')}.`;
  return error;
}
