import type { StageMedians } from '../../schemas/pages.ts';

/** A part of the time of a request, in the order in which they follow each other. */
export interface TimePart<Name extends string = string> {
  readonly name: Name;
  readonly ms: number;
}

/** A part as it is drawn. */
export interface Step<Name extends string> extends TimePart<Name> {
  /** Where it begins and how long it is, in parts of the whole. */
  readonly from: number;
  readonly share: number;
}

/** What the server says of its own time in `Server-Timing`, and what the page measures around it. */
export const requestParts = ['network', 'receive', 'read', 'predict', 'queue', 'program'] as const;
export type RequestPart = (typeof requestParts)[number];

/** Reads `receive;dur=1.2, read;dur=0.1`. Parts that the page does not know are left out. */
export function readServerTiming(header: string | null): readonly TimePart<RequestPart>[] {
  return (header ?? '').split(',').flatMap((part) => {
    const [, name = '', ms = ''] = /^\s*(\w+)\s*;\s*dur=([\d.]+)/.exec(part) ?? [];
    const known = requestParts.find((one) => one === name);
    return known && Number.isFinite(Number(ms)) && ms !== '' ? [{ name: known, ms: Number(ms) }] : [];
  });
}

/** The parts of a request: what is known of them, and before them the rest of the whole, under the name given. */
export function withRest(
  totalMs: number,
  known: readonly TimePart<RequestPart>[],
  rest: RequestPart,
): readonly TimePart<RequestPart>[] {
  const sum = known.reduce((total, { ms }) => total + ms, 0);
  // Two clocks of two programs: what they disagree about is no time.
  return [{ name: rest, ms: Math.max(0, totalMs - sum) }, ...known];
}

/** Lays parts out one after the other. */
export function stepsOf<Name extends string>(parts: readonly TimePart<Name>[]): readonly Step<Name>[] {
  const whole = parts.reduce((sum, { ms }) => sum + ms, 0);
  let at = 0;
  return parts.map((part) => {
    const share = whole > 0 ? part.ms / whole : 0;
    const step = { ...part, from: at, share };
    at += share;
    return step;
  });
}

/** The stages of a worker, in their order. */
export function stageParts(medians: StageMedians): readonly TimePart<keyof StageMedians>[] {
  return (['queueWait', 'decode', 'inference', 'write'] as const).map((name) => ({
    name,
    ms: medians[name],
  }));
}
