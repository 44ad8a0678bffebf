import { pipNamesOf } from '../../../../schemas/runtimes.ts';
import { shellWord } from '../../../../schemas/programs/shellWord.ts';

/** What is missing, and the line that installs it. */
export function missingText(what: string, python: string, modules: readonly string[]): string {
  const pip = pipNamesOf(modules);
  const packages = pip.length === 1 ? `package ${pip.join()}` : `packages ${pip.join(' and ')}`;
  return `${what} needs the Python ${packages}, which ${python} does not have. Install with: ${shellWord(python)} -m pip install ${pip.join(' ')}`;
}
