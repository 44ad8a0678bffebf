const isFull = process.env.FULL_PROPERTY_TESTS === '1';

/** Cases of a property test: all of them in `npm test`, which has the time, and a twentieth in `npm run check`.
 *  @param all  as fast-check's own default where it is absent
 *  @returns parameters for `fc.assert` */
export function runs(all = 100): { readonly numRuns: number } {
  return { numRuns: isFull ? all : Math.max(1, Math.ceil(all / 20)) };
}

/** How much of something a test tries: all of it in `npm test`, and a twentieth in `npm run check`. */
export function amount(all: number): number {
  return isFull ? all : Math.ceil(all / 20);
}
