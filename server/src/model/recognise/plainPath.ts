/** A modelPath as the file system takes it: it may be written as an address. */
export function plainPath(modelPath: string): string {
  return modelPath.replace(/^file:\/\//i, '');
}
