import type { ExplainedKey } from '../../config/explainConfig.ts';
import { explainJob } from '../../jobs/explainJob.ts';
import { config, requireFile } from '../arguments.ts';
import { defineTool } from '../tool.ts';

export const explainConfig = defineTool({ config }, async ({ config: path }) => {
  requireFile(path);
  const explained = await explainJob(path);
  const { model, modelTrouble, problems, keys } = explained;
  const isSet = ({ origin, refused }: ExplainedKey) => origin !== 'default' || refused === true;
  const set = keys.filter(isSet);
  const defaults = keys.filter((row) => !isSet(row));
  return {
    text: [
      `${explained.path} ${explained.valid ? 'is valid' : 'has errors, and nothing starts with it'}.`,
      ...(model ? [`Model: ${model.file} (${model.type}), run by ${model.runtime}.`] : []),
      ...(modelTrouble === undefined ? [] : [`Model: ${modelTrouble}`]),
      ...problems,
      'Set:',
      ...set.map((row) => `  ${keyText(row)} (${originText(row)})`),
      'Defaults:',
      ...defaults.map((row) => `  ${keyText(row)}`),
    ],
    data: { ...explained },
  };
});

function keyText({ key, value }: ExplainedKey): string {
  return `${key}: ${value === null ? 'nothing' : String(value)}`;
}

function originText({ origin, line, variables = [], replaced, refused }: ExplainedKey): string {
  if (refused) return `the default, as line ${line ?? 0} cannot be read`;
  const at = line === undefined ? '' : `, line ${line}`;
  const from = variables.length === 0 ? '' : `, from the environment's ${variables.join(', ')}`;
  switch (origin) {
    case 'coreNumberPerMachine':
      return `made by coreNumberPerMachine, in place of ${replaced ?? 'the default'}${at}`;
    case 'nested':
    case 'older name':
      return `the file, in its ${origin === 'nested' ? 'nested form' : 'older name'}${at}${from}`;
    default:
      return `the file${at}${from}`;
  }
}
