import type { Bounds } from '../../../schemas/redis/recordLimits.ts';

/* What stands in an entry of a stream: names and values in turn. */

/** The value of a field; where a name comes twice, of the first. */
export function fieldOf<T extends string | Buffer>(fields: readonly T[], name: string): T | undefined {
  for (let i = 0; i + 1 < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
  return undefined;
}

/** A whole number in plain decimal digits within its bounds; anything else counts as absent. */
export function numberOf(text: string | undefined, { min, max }: Bounds): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= min && number <= max ? number : undefined;
}

/** The time that an id begins with, in ms since 1970. */
export function timeOfId(id: string): number {
  return Number(id.slice(0, id.indexOf('-')));
}
