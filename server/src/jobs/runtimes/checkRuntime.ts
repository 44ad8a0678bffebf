import { execa } from 'execa';
import { ServingError } from '../../../../schemas/errors.ts';
import { runtimeRow, type RuntimeName } from '../../../../schemas/runtimes.ts';

/** Loads a runtime in a process of its own. @param runtimeFile  the bundle that does
 *  @returns its name and version @throws ServingError "model-load-failed" */
export async function checkRuntime(runtimeFile: string, name: RuntimeName, place: string): Promise<string> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [runtimeFile, name, place], {
    reject: false,
    env: { ELECTRON_RUN_AS_NODE: '1' },
  });
  if (exitCode === 0) return [stdout, place].filter(Boolean).join(', ');
  const why = stderr.trim().split('\n').at(-1) ?? '';
  const where = `${runtimeRow(name).title} does not load on ${process.platform}-${process.arch}: ${why}.`;
  const way =
    name === 'onnxruntime'
      ? 'Install the package for this platform; in a clone, run "npm ci" and "npm run build" again.'
      : `It was taken from ${place}.`;
  throw new ServingError('model-load-failed', `${where} ${way}`);
}
