import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';

/** The config that serves a file: what it says of runtimes and batches holds for it.
 *  @param file  absolute */
export function configOfModel<Config extends { readonly path: string; readonly modelPath: string }>(
  file: string,
  configs: readonly Config[],
): Config | undefined {
  return configs.find(({ path, modelPath }) => {
    const way = relative(resolve(dirname(path), modelPath), file);
    return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  });
}
