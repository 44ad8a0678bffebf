/** Where a config says that a runtime is: a path; for Python also the name of a program, which has no folder.
 *  @param resolve  makes a path of the config absolute */
export function configuredPlace(
  key: 'openvinoPath' | 'python',
  value: string,
  resolve: (path: string) => string | undefined,
): string | undefined {
  if (value === '') return undefined;
  const isProgram = key === 'python' && !/[\\/]/.test(value);
  return isProgram ? value : resolve(value);
}
