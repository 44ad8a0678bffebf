import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import { modelTypeRow, type ModelType } from '../../../../schemas/runtimes.ts';
import { missingText } from './missingText.ts';
import { processFile } from './processFile.ts';

/** A disk that sleeps, or a cold cache, takes its time. */
const checkMs = 30_000;

/** What a Python says of itself. */
export interface PythonFacts {
  readonly version: string;
  /** Of the modules that were asked for, those that are not installed. */
  readonly missing: readonly string[];
}

/** Runs a Python, which imports none of the modules. @throws Error with what it printed last */
export async function askPython(python: string, modules: readonly string[]): Promise<PythonFacts> {
  const args = [processFile(), '--check', ...modules];
  const { stdout } = await promisify(execFile)(python, args, { timeout: checkMs }).catch((error: unknown) => {
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new Error(lastLine(stderr) ?? messageOf(error), { cause: error });
  });
  const [version = '', ...missing] = stdout.trim().split(/\r?\n/);
  return { version, missing };
}

/** @throws ServingError "runtime-missing" where the packages of a model's type are not installed, or Python does not run */
export async function requirePackages(type: ModelType, file: string, python: string): Promise<void> {
  let facts;
  try {
    facts = await askPython(python, modelTypeRow(type).modules ?? []);
  } catch (error) {
    throw new ServingError('runtime-missing', `${python} does not run: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (facts.missing.length > 0)
    throw new ServingError('runtime-missing', missingText(file, python, facts.missing));
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').filter(Boolean).at(-1);
}
