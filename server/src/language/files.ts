import type { ModelFiles } from '../model/recognise/modelFiles.ts';
import type { RuntimeName } from '../../../schemas/runtimes.ts';

/** The part of the world that the language room may ask. Nothing here throws. */
export interface Files extends ModelFiles {
  /** The absolute path that a path in a file means; undefined where the file is not on this machine, or in no folder yet.
   *  @param uri  of that file */
  resolve(uri: string, path: string): string | undefined;
  /** The URI of an absolute path. */
  uriOf(path: string): string;
  /** Whether a runtime is on this machine.
   *  @param configured  the folder that a config names for it */
  hasRuntime(name: RuntimeName, configured: string | undefined): Promise<boolean>;
  /** Which modules the Python lacks that would run models; undefined where it has them, or where its files do not show it.
   *  @param configured  the Python that a config names */
  lackingModules(
    configured: string | undefined,
    modules: readonly string[],
  ): Promise<{ readonly python: string; readonly modules: readonly string[] } | undefined>;
}

export type { Place } from '../model/recognise/modelFiles.ts';
