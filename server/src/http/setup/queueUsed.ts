import { ServingError } from '../../../../schemas/errors.ts';

/** @throws ServingError "wrong-use" */
export function queueUsedOf(text: string): 'redis' | 'kafka' {
  if (text === 'redis' || text === 'kafka') return text;
  throw new ServingError('wrong-use', `queueUsed is redis or kafka, not "${text}".`);
}
