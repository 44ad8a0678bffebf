/** What stands at a path. */
export type Place =
  | {
      readonly kind: 'folder';
      /** Those of folders end with a slash. */
      readonly names: readonly string[];
    }
  /** A link to what is not there. */
  | { readonly kind: 'dangling'; readonly target: string }
  | { readonly kind: 'file' | 'missing' | 'unreadable' };

/** What recognising a model asks of the disk. Nothing here throws. */
export interface ModelFiles {
  look(path: string): Promise<Place>;
  /** At most `count` bytes of a file; fewer at its end, none beyond it, undefined where it cannot be read. */
  bytes(path: string, start: number, count: number): Promise<Uint8Array | undefined>;
}
