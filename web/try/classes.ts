import { detectionsIn, type Detections } from './detections.ts';
import type { Outcome, Output } from './outcome.ts';

/** A class with what the model says of it. */
export interface ClassScore {
  readonly index: number;
  readonly value: number;
  readonly name?: string;
}

/** The best classes of one row of an output, or of what a filter left of it. */
export interface Ranking {
  readonly title: string;
  readonly classes: readonly ClassScore[];
  /** How many classes there are; more than those shown. */
  readonly of?: number;
  /** Between 0 and 1, together 1: percent can be said. */
  readonly areShares: boolean;
}

/** More would be a list to search, not a look. */
const shownClasses = 5;
const shownRows = 4;
/** A single number is no choice among classes, and more than this are no classes. */
const classCounts = { least: 2, most: 100_000 };

/** The objects found, where the outputs have that form; else the outputs that look like classes: at most one axis longer than 1 beside that of the rows, all numbers. An output with
 *  names for its last axis is always one. */
export function rankingsOf(
  outcome: Outcome,
  labels: Readonly<Record<string, readonly string[]>>,
): readonly Ranking[] {
  if ('filtered' in outcome) return ofFilter(outcome.filtered);
  if ('error' in outcome) return [];
  const found = detectionsIn(outcome.outputs);
  if (found) return ofDetections(found, Object.values(labels)[0] ?? []);
  return outcome.outputs.flatMap((output) => ofOutput(output, labels[output.name]));
}

/** Scores and classes of objects are no classes of the image: the best objects are ranked. */
function ofDetections({ scores, classes }: Detections, labels: readonly string[]): readonly Ranking[] {
  const best = scores
    .map((value, i) => ({ index: classes[i] ?? i, value, ...named(labels, classes[i] ?? -1) }))
    .sort((a, b) => b.value - a.value)
    .slice(0, shownClasses);
  return [{ title: '', classes: best, of: scores.length, areShares: false }];
}

function ofOutput({ name, shape, data }: Output, labels: readonly string[] | undefined): readonly Ranking[] {
  const count = shape.at(-1) ?? 0;
  const rows = count === 0 ? 0 : data.length / count;
  const isNamed = labels?.length === count;
  const isFlat = shape.slice(0, -1).filter((size) => size > 1).length <= (isNamed ? 1 : 0);
  if (!isFlat || rows < 1 || rows > shownRows || count < classCounts.least || count > classCounts.most)
    return [];
  if (!data.every((value) => typeof value === 'number' || value === null)) return [];
  return Array.from({ length: rows }, (_, row) => {
    const values = data.slice(row * count, (row + 1) * count) as readonly (number | null)[];
    const sum = values.reduce<number>((total, value) => total + (value ?? 0), 0);
    const areShares =
      values.every((value) => value !== null && value >= 0 && value <= 1) && Math.abs(sum - 1) < 0.01;
    const classes = values
      .flatMap((value, index) => (value === null ? [] : [{ index, value, ...named(labels, index) }]))
      .sort((a, b) => b.value - a.value)
      .slice(0, shownClasses);
    return { title: rows === 1 ? name : `${name}[${row}]`, classes, of: count, areShares };
  }).filter(({ classes }) => classes.length > 0);
}

function named(labels: readonly string[] | undefined, index: number): { readonly name?: string } {
  const name = labels?.[index];
  return name === undefined ? {} : { name };
}

/** What `topN` leaves: `[[index, value], ...]`, or `[[index, value, name], ...]`. */
function ofFilter(filtered: unknown): readonly Ranking[] {
  if (!Array.isArray(filtered) || filtered.length === 0) return [];
  const classes = filtered.flatMap((one: unknown) => {
    if (!Array.isArray(one)) return [];
    const [index, value, name] = one as readonly unknown[];
    if (typeof index !== 'number' || typeof value !== 'number') return [];
    return [{ index, value, ...(typeof name === 'string' ? { name } : {}) }];
  });
  return classes.length === filtered.length ? [{ title: '', classes, areShares: false }] : [];
}

/** How long the bar of each class is, from 0 to 1. Shares keep their own length; of other values the greatest has all,
 *  and the least of a ranking that goes below zero has none. */
export function barLengths({ classes, areShares }: Ranking): readonly number[] {
  if (areShares) return classes.map(({ value }) => value);
  const values = classes.map(({ value }) => value);
  const least = Math.min(0, ...values);
  const span = Math.max(...values) - least;
  return values.map((value) => (span > 0 ? (value - least) / span : 0));
}
