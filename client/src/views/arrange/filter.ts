import { storeName } from '../../../../schemas/kafka/storeName.ts';
import type { Translate } from '../figures.ts';
import { shownStateText, type ListedJob, type ShownState } from './listedJob.ts';

/** Which rows the jobs view shows. */
export interface Filter {
  /** Words that a job has to have, each of them, in its name, its config's path, its Redis or brokers, or its failure. */
  readonly text: string;
  /** With none, every state. */
  readonly states: readonly ShownState[];
}

export const noFilter: Filter = { text: '', states: [] };

export function isFilter({ text, states }: Filter): boolean {
  return wordsOf(text).length > 0 || states.length > 0;
}

/** @param pathOf  a config's path as people see it */
export function passes(
  { text, states }: Filter,
  { jobName, store, state, configPath, failure }: ListedJob,
  pathOf: (path: string) => string,
): boolean {
  if (states.length > 0 && !states.includes(state)) return false;
  const path = configPath === undefined ? '' : pathOf(configPath);
  const searched = [jobName, storeName(store), path, failure ?? ''].join('\n').toLowerCase();
  return wordsOf(text).every((word) => searched.includes(word));
}

/** What the view says beside its name: nothing is left out silently. */
export function filterText(
  filter: Filter,
  { shown, all }: { readonly shown: number; readonly all: number },
  t: Translate,
): string {
  if (!isFilter(filter)) return '';
  const text = filter.text.trim();
  const parts = [
    ...(text === '' ? [] : [`“${text}”`]),
    ...filter.states.map((state) => shownStateText(state, t)),
  ];
  return t('{0} of {1}: {2}', shown, all, parts.join(', '));
}

function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}
