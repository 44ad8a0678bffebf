import type { Rows } from '../../../../schemas/editor/commandRow.ts';
import { isAmong } from '../../../../schemas/editor/commands.ts';

/** The part of a row that decides whether a command acts on it. */
interface ChosenRow {
  readonly id: string;
  readonly context: string;
}

/** Rows that are selected together. */
export interface Chosen<T> {
  /** Those on which the command acts, each once. */
  readonly fit: readonly T[];
  /** Those of the same kind on which it cannot act now. */
  readonly unfit: readonly T[];
}

/** Which rows a command is meant for: all that are selected, if the one that was clicked is among them, else that one.
 *  @param selection  what the editor gives as selected; it gives nothing where the click was elsewhere
 *  @param rowOf  undefined for what is no row of the view
 *  @param rows  where the command acts
 *  @param counted  which rows stand for something of their own: others, such as the figures of a job, are passed over */
export function chosenRows<T>(
  argument: T,
  selection: unknown,
  rowOf: (node: unknown) => ChosenRow | undefined,
  { rows, counted }: { readonly rows: Rows; readonly counted: Rows },
): Chosen<T> {
  const all: readonly unknown[] = Array.isArray(selection) ? selection : [];
  const clicked = rowOf(argument)?.id;
  const isSelected = all.some((node) => rowOf(node)?.id === clicked);
  const nodes = new Map<string, T>();
  for (const node of isSelected ? all : [argument]) {
    const row = rowOf(node);
    if (row && (isAmong(counted, row.context) || isAmong(rows, row.context))) nodes.set(row.id, node as T);
  }
  const isFit = (node: T) => isAmong(rows, rowOf(node)?.context ?? '');
  return {
    fit: [...nodes.values()].filter(isFit),
    unfit: [...nodes.values()].filter((node) => !isFit(node)),
  };
}
