import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { readConfig } from '../config/readConfig.ts';
import { configTemplate } from '../config/template.ts';
import { print } from './output.ts';

export interface InitCommand {
  readonly force?: boolean;
  /** The folder of the model. */
  readonly model?: string;
  readonly jobName?: string;
}

/** Writes the commented template; an existing file stays as it is unless `force`. */
export function init({ force, model, jobName }: InitCommand): Promise<number> {
  const path = resolve('config.yaml');
  const text = configTemplate({
    ...(model === undefined ? {} : { modelPath: model }),
    ...(jobName === undefined ? {} : { jobName }),
  });
  const wrong = readConfig(text).problems.find(
    ({ severity, code }) => severity === 'error' && code !== 'model-path-missing',
  );
  if (wrong) throw new ServingError('wrong-use', wrong.message);
  try {
    writeFileSync(path, text, { flag: force ? 'w' : 'wx' });
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
  const next = model === undefined ? 'Set modelPath in it to the folder of your model, then run' : 'Now run';
  print(`Wrote ${path}. ${next} "cluster-serving start".`);
  return Promise.resolve(0);
}
