/** Cases of a property test: all of them in `npm test`, which has the time, and a twentieth in `npm run check`.
 *  @param all  as fast-check's own default where it is absent
 *  @returns parameters for `fc.assert` */
export function runs(all = 100): { readonly numRuns: number } {
  return { numRuns: process.env.FULL_PROPERTY_TESTS === '1' ? all : Math.max(1, Math.ceil(all / 20)) };
}
