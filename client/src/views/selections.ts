import type { TreeView } from 'vscode';

/** What is selected in the views. */
export interface Selections {
  /** Takes note of a view. */
  add(id: string, view: Pick<TreeView<unknown>, 'selection'>): void;
  /** The rows that are selected in a view. */
  of(id: string): readonly unknown[];
}

export function createSelections(): Selections {
  const views = new Map<string, Pick<TreeView<unknown>, 'selection'>>();
  return {
    add: (id, view) => void views.set(id, view),
    of: (id) => views.get(id)?.selection ?? [],
  };
}
