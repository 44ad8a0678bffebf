import { ServingError } from '../../../../schemas/errors.ts';
import { runtimeNames, type RuntimeName } from '../../../../schemas/runtimes.ts';

/** @throws ServingError "wrong-use" for what is no runtime */
export function runtimeNamed(name: string): RuntimeName {
  const found = runtimeNames.find((known) => known === name);
  if (found !== undefined) return found;
  throw new ServingError('wrong-use', `There is no runtime "${name}"; there are ${runtimeNames.join(', ')}.`);
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
