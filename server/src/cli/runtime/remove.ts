import { runtimeRow } from '../../../../schemas/runtimes.ts';
import { openStateFolder } from '../../jobs/machine/stateFolder.ts';
import { removeRuntime } from '../../jobs/runtimes/listRuntimes.ts';
import { print, printJson, type JsonOption } from '../output.ts';
import { megabytes, runtimeNamed } from './names.ts';

export function remove(given: string, { json }: JsonOption): Promise<number> {
  const name = runtimeNamed(given);
  const removed = removeRuntime(name, openStateFolder());
  if (json) printJson({ removed });
  else if (removed.length === 0) print(`${runtimeRow(name).title} was not installed here.`);
  else for (const { folder, bytes } of removed) print(`Removed ${folder}, ${megabytes(bytes)}.`);
  return Promise.resolve(0);
}
