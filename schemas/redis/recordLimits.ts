/** Bounds of the numbers that others write into Redis: clients into records, programs into the registry. What lies outside
 *  of them, or is not a whole number in decimal digits, counts as absent. */

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Milliseconds since 1970: from its second day, so that no count is taken for a time, to the end of the year 9999. */
export const timeBounds: Bounds = { min: 86_400_000, max: 253_402_300_799_999 };

/** How many requests share one record. A frontend puts far fewer together. */
export const sharedByBounds: Bounds = { min: 1, max: 1_024 };

/** How often a record was put back from the dead letters, or handed to a worker. */
export const repeatBounds: Bounds = { min: 0, max: 1_000_000 };

/** The ids of records begin with the time at which Redis was given them, unless their client chose them. A time that lies
 *  further back than this, in ms, was chosen by the client: it does not say how long the record has waited. */
export const maxWaitMs = 366 * 86_400_000;

/** The longest text of an entry of the registry, in characters. */
export const maxRegistryText = 4_096;
