import { ServingError } from '../../../schemas/errors.ts';
import { cliCommands } from '../../../schemas/programs/cliCommands.ts';
import { completionScripts } from './shell/completionScripts.ts';
import { print } from './output.ts';

/** @throws ServingError "wrong-use" for a shell that is not known */
export function completion(shell: string): Promise<number> {
  const known = cliCommands.completion.argument.offers.find((name) => name === shell);
  if (known === undefined)
    throw new ServingError(
      'wrong-use',
      `Completions are there for ${cliCommands.completion.argument.offers.join(', ')}, not for "${shell}".`,
    );
  print(completionScripts[known]().split('\n'));
  return Promise.resolve(0);
}
