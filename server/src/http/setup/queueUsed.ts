import { configKeys, type Config } from '../../../../schemas/config/configKeys.ts';
import { ServingError } from '../../../../schemas/errors.ts';

/** @throws ServingError "wrong-use" */
export function queueUsedOf(text: string): Config['queueUsed'] {
  const { values } = configKeys.queueUsed;
  const known = values.find((value) => value === text);
  if (known) return known;
  throw new ServingError('wrong-use', `queueUsed is ${values.join(' or ')}, not "${text}".`);
}
