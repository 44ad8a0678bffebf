import type { Problem } from '../../../../schemas/config/problems.ts';
import type { Context } from '../context.ts';
import { replaceValue } from '../edits.ts';
import { problem } from '../problem.ts';
import type { Rule } from './rule.ts';

export const jobName: Rule = { codes: ['bad-job-name', 'job-name-colon'], check, fix: replaceValue };

/** Blanks, quotes and letters of any script are fine in a stream's name.
 *  @see the Python client, which takes a result's uri to be what stands after the first colon of its key */
function check({ chosen, values }: Context): Problem[] {
  const value = chosen.get('jobName')?.value;
  if (value?.kind !== 'scalar') return [];
  const key = 'jobName';
  if (values.jobName.trim() === '')
    return [problem('bad-job-name', value.range, 'jobName is empty.', { key })];
  if (!values.jobName.includes(':')) return [];
  const message =
    'With a colon in jobName, dequeue() of the Python client names the results wrongly; query() works.';
  return [
    problem('job-name-colon', value.range, message, {
      key,
      replacement: values.jobName.replaceAll(':', '-'),
    }),
  ];
}
