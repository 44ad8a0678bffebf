import { ServingError } from '../../../schemas/errors.ts';
import { readQuestions, type Question } from '../ask/questions.ts';
import { loadJobAddress } from '../jobs/loadJobAddress.ts';
import { openStore } from '../queue/openStore.ts';
import { askAndPrint } from './ask.ts';
import { paint, printJson, type ConfigOption, type JsonOption } from './output.ts';

export interface PredictCommand extends ConfigOption, JsonOption {
  readonly input?: string;
  readonly timeout: number;
}

const standardInput = { descriptor: 0, shown: '-', name: 'standard input' };

/** A file that cannot be sent is named, and does not keep the others from being sent. */
export async function predict(files: readonly string[], options: PredictCommand): Promise<number> {
  const { jobName, store: address } = loadJobAddress(options.config);
  const questions: Question[] = [];
  let unreadable = 0;
  for (const file of files) {
    try {
      questions.push(...readQuestions(file === '-' ? standardInput : file, options.input));
    } catch (error) {
      if (!(error instanceof ServingError)) throw error;
      unreadable += 1;
      if (options.json) printJson({ name: file, error: error.message });
      else process.stderr.write(`${paint('red', error.message, process.stderr)}\n`);
    }
  }
  // Nothing that was named can be sent.
  if (questions.length === 0) return 2;
  const store = await openStore(address);
  try {
    const code = await askAndPrint({ store, jobName }, questions, options);
    return unreadable > 0 ? 1 : code;
  } finally {
    store.close();
  }
}
