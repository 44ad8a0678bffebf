/** `serving2`, `serving3`, …: the first that is free. */
export function freeName(taken: ReadonlySet<string>): string {
  let n = 2;
  while (taken.has(`serving${n}`)) n++;
  return `serving${n}`;
}
