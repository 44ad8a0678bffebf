import type { RuntimeName } from '../../../schemas/runtimes.ts';

/** What stands at a path. */
export type Place =
  | {
      readonly kind: 'folder';
      /** Those of folders end with a slash. */
      readonly names: readonly string[];
    }
  | { readonly kind: 'file' | 'missing' | 'unreadable' };

/** The part of the world that the language room may ask. Nothing here throws. */
export interface Files {
  /** The absolute path that a path in a file means; undefined where the file is not on this machine, or in no folder yet.
   *  @param uri  of that file */
  resolve(uri: string, path: string): string | undefined;
  /** The URI of an absolute path. */
  uriOf(path: string): string;
  look(path: string): Promise<Place>;
  /** Whether a runtime is on this machine.
   *  @param configured  the folder that a config names for it */
  hasRuntime(name: RuntimeName, configured: string | undefined): Promise<boolean>;
  /** At most `count` bytes of a file; fewer at its end, none beyond it, undefined where it cannot be read. */
  bytes(path: string, start: number, count: number): Promise<Uint8Array | undefined>;
}
