/** One command of the editor extension. Its id is `clusterServing.` and the key of its row. */
export interface CommandRow {
  readonly title: string;
  /** A codicon's name. */
  readonly icon?: string;
  /** When it can work; where it cannot it is grey, and absent from the palette. */
  readonly enablement?: string;
  /** Not offered in the palette: it needs something to work on that only its own place knows. */
  readonly hidden?: true;
  /** It needs no machine: it is there in an editor that runs in a browser only. */
  readonly inBrowser?: true;
  /** What stands inline, as an icon, is in the menu only if it is said twice. */
  readonly menus?: Partial<Record<MenuName, MenuPlace | readonly MenuPlace[]>>;
}

type MenuName = 'view/title' | 'view/item/context' | 'editor/title' | 'editor/context' | 'explorer/context';

export interface MenuPlace {
  readonly group: string;
  /** In a view's title: which view, if not that of the jobs. */
  readonly when?: string;
  /** On rows of a view: which ones. */
  readonly rows?: Rows;
}

/** Rows of a view, by what they show. */
export interface Rows {
  readonly view: string;
  /** Regular expressions that the row's context has to match, each of them. */
  readonly patterns: readonly string[];
}
