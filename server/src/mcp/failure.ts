import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { printableStack } from '../../../schemas/printable.ts';

/** What was thrown, as an error with a code. A bug has the code "unexpected", and its stack goes to the log.
 *  @param log  takes the stack */
export function failureOf(error: unknown, log: (text: string) => void): ServingError {
  if (error instanceof ServingError) return error;
  // An error reply of Redis is not a bug, wherever it came up.
  if (error instanceof Error && error.name === 'ReplyError')
    return new ServingError('redis-failed', `Redis answered with an error: ${error.message}`);
  log(printableStack(error));
  return new ServingError('unexpected', `This is a bug of Cluster Serving: ${messageOf(error)}`);
}
