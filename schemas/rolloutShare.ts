/** Whether a record of this name belongs to a share of all. The same name gives the same answer at any time, in every worker and
 *  frontend; what belongs to a share belongs to each larger one.
 *  @param percent  from 0 to 100 */
export function isInShare(name: string, percent: number): boolean {
  return hashOf(name) < (percent / 100) * 2 ** 32;
}

/** 32 bits in which names that are alike, such as those with a running number, lie as far apart as any others.
 *  @see FNV-1a, and the last step of MurmurHash3, which spreads what changes in the last characters over all bits */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >>> 8), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
