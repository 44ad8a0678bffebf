import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { configTemplate } from '../config/template.ts';
import { print } from './output.ts';

/** Writes the commented template; an existing file stays as it is unless `force`. */
export function init({ force }: { force?: boolean }): Promise<number> {
  const path = resolve('config.yaml');
  try {
    writeFileSync(path, configTemplate(), { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      // The original's init did nothing then, and its users' scripts call it every time.
      print(`${path} is there already and stays as it is (--force overwrites it).`);
      return Promise.resolve(0);
    }
    throw new ServingError('state-unwritable', `${path} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
  print(
    `Wrote ${path}. Set modelPath in it to the folder of your ONNX model, then run "cluster-serving start".`,
  );
  return Promise.resolve(0);
}
