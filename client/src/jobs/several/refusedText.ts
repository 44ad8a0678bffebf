import type { Outcome, Refusal } from './runEach.ts';

/** A notification has one line, so it names this many. */
const named = 3;

/** The refusals that fit into a notification. */
export function shortRefusals({ refused }: Outcome): string {
  return refused.slice(0, named).map(lineOf).join(' ');
}

/** How many a notification does not name. */
export function unnamed({ refused }: Outcome): number {
  return Math.max(0, refused.length - named);
}

/** All of them, one a line. */
export function allRefusals({ refused }: Outcome): string {
  return `${refused.map(lineOf).join('\n')}\n`;
}

function lineOf({ name, why }: Refusal): string {
  return `${name}: ${/[.!?]$/.test(why) ? why : `${why}.`}`;
}
