import { deathsField } from '../../../schemas/redis/redisKeys.ts';
import type { Answer } from './recordQueue.ts';

/* What is noted so that the death of a worker counts against the records that its model had, and no others. */

/** Between notes of what the model has, for records that were never left behind: where runs are longer each is noted, where
 *  they are shorter the notes must cost next to nothing. */
export const noteEveryMs = 20;

/** How many deaths that had other causes are taken off, so that a record that kills workers is given up all the same. */
export const maxStrayDeaths = 3;
/** For how long a death that had another cause says something of the next ones, in ms. */
export const strayMemoryMs = 3_600_000;

/** The fields that count deaths, of answered records of which a worker may have died.
 *  @returns apart those of records that the model has answered, and of what was given up or came too late */
export function deathFieldsOf(answers: readonly Answer[]): Record<'answered' | 'ended', readonly string[]> {
  const suspects = answers.filter(({ record }) => record.alone);
  const fieldsOf = (some: readonly Answer[]) => some.map(({ record }) => deathsField + record.id);
  const hasAnswer = ({ value, reason }: Answer) => value !== undefined && reason === undefined;
  return {
    answered: fieldsOf(suspects.filter(hasAnswer)),
    ended: fieldsOf(suspects.filter((answer) => !hasAnswer(answer))),
  };
}
