/** How many are open at once: a process may have no more than a few hundred descriptors. */
const most = 16;

/** What `work` makes of each, in their order, a few at a time. */
export async function inTurn<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const waiting = items.entries();
  async function worker(): Promise<void> {
    for (const [i, item] of waiting) results[i] = await work(item);
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  return results;
}
