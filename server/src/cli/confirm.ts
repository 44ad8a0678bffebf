import { createInterface } from 'node:readline/promises';
import { printable } from '../../../schemas/printable.ts';

/** Asks on the terminal; anything but a yes is a no. */
export async function confirm(question = 'Go on?'): Promise<boolean> {
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await ask.question(`${printable(question)} [y/N] `)).trim());
  } finally {
    ask.close();
  }
}
