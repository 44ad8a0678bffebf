import { ServingError } from '../../../../schemas/errors.ts';
import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import { isElementType } from '../../tensor/elementTypes.ts';
import type { ModelSignature } from '../session.ts';

/** A type that the runtime does not take or return. */
export function unsupportedType(what: string, type: string): ServingError {
  return new ServingError(
    'model-unsupported',
    `${what} the element type ${type}, which the runtime cannot take or return here. Cast it to float32 or to an integer type of at least 8 bits when the model is exported.`,
  );
}

/** @throws ServingError "model-unsupported" for a model that nothing can be sent to */
export function requireInputs(file: string, inputs: readonly unknown[]): void {
  if (inputs.length > 0) return;
  throw new ServingError(
    'model-unsupported',
    `${file}: the model has no inputs, so there is nothing to ask it. Export it with the inputs that its answers depend on.`,
  );
}

/** @throws ServingError "model-unsupported" for what records and results cannot carry */
export function requireCarriable(
  file: string,
  { inputs, outputs }: Pick<ModelSignature, 'inputs' | 'outputs'>,
  isTaken: (type: string) => boolean = isElementType,
): void {
  requireInputs(file, inputs);
  const check = (kind: string) => (info: TensorInfo) => {
    if (!isTaken(info.type)) throw unsupportedType(`${file}: the ${kind} "${info.name}" has`, info.type);
  };
  inputs.forEach(check('input'));
  outputs.forEach(check('output'));
}
