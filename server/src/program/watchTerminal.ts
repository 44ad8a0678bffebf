import { closeSync, openSync } from 'node:fs';

/** @returns a function that says whether the terminal that the program has now is gone; false where it has none */
export function watchTerminal(file = '/dev/tty'): () => boolean {
  const had = hasTerminal(file);
  return () => had && !hasTerminal(file);
}

/** Only what was started in a terminal that is open can open it by this name. */
function hasTerminal(file: string): boolean {
  try {
    closeSync(openSync(file, 'r'));
    return true;
  } catch {
    return false;
  }
}
