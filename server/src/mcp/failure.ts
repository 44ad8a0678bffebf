import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { printableStack } from '../../../schemas/printable.ts';
import { unexplainedReply } from '../queue/redis/redisTrouble.ts';

/** What was thrown, as an error with a code. A bug has the code "unexpected", and its stack goes to the log.
 *  @param log  takes the stack */
export function failureOf(error: unknown, log: (text: string) => void): ServingError {
  if (error instanceof ServingError) return error;
  const reply = unexplainedReply(error);
  if (reply) return reply;
  log(printableStack(error));
  return new ServingError('unexpected', `This is a bug of Cluster Serving: ${messageOf(error)}`);
}
