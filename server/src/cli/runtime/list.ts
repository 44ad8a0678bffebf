import { howToInstall } from '../../../../schemas/runtimes.ts';
import { openStateFolder } from '../../jobs/machine/stateFolder.ts';
import { listRuntimes } from '../../jobs/runtimes/listRuntimes.ts';
import { paint, print, printJson, type JsonOption } from '../output.ts';
import { megabytes } from './names.ts';

export function list({ json }: JsonOption): Promise<number> {
  const runtimes = listRuntimes(openStateFolder());
  if (json) printJson({ runtimes });
  else
    for (const { name, title, models, place, from, installed } of runtimes) {
      const where =
        place === undefined
          ? paint('gray', `not on this machine; ${howToInstall(name)}`)
          : [place, from].filter(Boolean).join(', ');
      print(`${title}: ${where}`);
      print(`  runs ${models.join(', ')}`);
      for (const { folder, bytes } of installed) print(`  installed here: ${folder}, ${megabytes(bytes)}`);
    }
  return Promise.resolve(0);
}
