import type { Problem, Range } from '../../../../schemas/config/problems.ts';
import { howToInstall, modelTypeRow, runtimeRow, type RuntimeName } from '../../../../schemas/runtimes.ts';
import { problem } from '../../config/problem.ts';
import { missingText } from '../../model/python/missingText.ts';
import type { DetectedModel } from '../../model/recognise/detectModel.ts';
import { codeOf, forbiddenPickle } from '../../model/recognise/runsCode.ts';
import { chooseRuntime } from '../../model/runtimes/chooseRuntime.ts';
import { configuredPlace } from '../../model/runtimes/configuredPlace.ts';
import { valueOf, type ConfigText } from '../configText.ts';
import type { Files } from '../files.ts';

/** Whether something runs the model, and is on this machine. */
export async function runtimeProblems(
  { uri, read }: ConfigText,
  located: DetectedModel,
  range: Range,
  files: Files,
): Promise<Problem[]> {
  const key = 'modelPath';
  const { type, file } = located;
  const choice = chooseRuntime(type, valueOf(read, 'backend'), valueOf(read, 'runtime'));
  if ('refusal' in choice)
    return [problem('model-unsupported', range, `${file} ${choice.refusal}.`, { key })];
  const forbidden = forbiddenPickle(located, valueOf(read, 'allowPickle'));
  if (forbidden !== undefined) return [problem('model-pickled', range, `${file} ${forbidden}`, { key })];
  const code = codeOf(located);
  const warnings = code === undefined ? [] : [problem('model-runs-code', range, `${file} ${code}.`, { key })];
  const { runtime } = choice;
  // A TaskManager may have what this machine lacks.
  const isElsewhere = valueOf(read, 'backend') === 'flink' && runtimeRow(runtime).onFlink === 'found';
  const missing = isElsewhere ? undefined : await missingRuntime({ uri, read }, located, runtime, files);
  if (missing === undefined) return warnings;
  const { install, title: runtimeTitle } = runtimeRow(runtime);
  const data = install ? { key, runtime, runtimeTitle } : { key };
  return [...warnings, problem('runtime-missing', range, missing, data)];
}

/** What a model needs and is not on this machine, as a sentence. Nothing is run to find out. */
async function missingRuntime(
  { uri, read }: Pick<ConfigText, 'uri' | 'read'>,
  { type, file }: DetectedModel,
  runtime: RuntimeName,
  files: Files,
): Promise<string | undefined> {
  const { key, title } = runtimeRow(runtime);
  const value = key === undefined ? '' : valueOf(read, key);
  const configured =
    key === undefined || value.includes('${env:')
      ? undefined
      : configuredPlace(key, value, (path) => files.resolve(uri, path));
  if (!(await files.hasRuntime(runtime, configured)))
    return `${file} needs ${title}, which is not on this machine. ${howToInstall(runtime)}`;
  const { modules = [] } = modelTypeRow(type);
  const lacking = runtime === 'python' ? await files.lackingModules(configured, modules) : undefined;
  return lacking && missingText(file, lacking.python, lacking.modules);
}
