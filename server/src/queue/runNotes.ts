import { deathsField } from '../../../schemas/redisKeys.ts';
import type { Answer } from './recordQueue.ts';

/* What is noted so that the death of a worker counts against the records that its model had, and no others. */

/** Between notes of what the model has, for records that were never left behind: where runs are longer each is noted, where
 *  they are shorter the notes must cost next to nothing. */
export const noteEveryMs = 20;

/** The fields that count deaths, of answered records of which a worker may have died. */
export function deathFieldsOf(answers: readonly Answer[]): readonly string[] {
  return answers.flatMap(({ record }) => (record.alone ? [deathsField + record.id] : []));
}
