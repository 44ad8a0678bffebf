import { dirname } from 'node:path';
import { suspiciousError } from '../../../schemas/conversions.ts';
import { convertModel } from '../jobs/convertModel.ts';
import { print, printJson, type JsonOption } from './output.ts';

export interface ConvertCommand extends JsonOption {
  readonly out?: string;
  readonly python?: string;
  readonly input?: readonly string[];
  readonly allowPickle?: boolean;
  readonly force?: boolean;
}

export async function convert(
  path: string,
  { out, python, input = [], allowPickle = false, force = false, json }: ConvertCommand,
): Promise<number> {
  const converted = await convertModel({ path, out, python, inputs: input, allowPickle, overwrites: force });
  if (json) {
    printJson({ converted });
    return 0;
  }
  const { from, file, largestError, unlike = 0 } = converted;
  print(`${from} is ${file} now.`);
  if (largestError === undefined) print('It was not compared, since its framework is not needed here.');
  else print(`The largest error on random inputs is ${largestError.toExponential(1)}.`);
  if (unlike > 0) print(`${unlike} labels differ, which may be ties.`);
  if ((largestError ?? 0) > suspiciousError)
    print('That is more than float32 explains: try it on inputs of your own first.');
  print(`To serve it: modelPath: ${dirname(file)}`);
  return 0;
}
