import type { Range } from '../../../../../schemas/config/problems.ts';
import { detectModel } from '../../../model/recognise/detectModel.ts';
import type { Completion } from './completionItem.ts';
import type { Files } from '../../files.ts';

/** This many folders are read; beyond that they are offered without a rank. */
const maxLooked = 200;
/** So far below the config, models are looked for unasked. */
const maxDepth = 3;
/** The longest wait for a list, in ms; what is found by then is offered. */
const maxMs = 300;
const skipped = /^(?:\.|node_modules\/|dist\/|target\/|__pycache__\/)/;

/** Folders for a model, those that hold one first, also from below; files and folders for other paths. */
export async function completePath(
  uri: string,
  leadsTo: 'model' | 'file',
  typed: string,
  range: Range,
  files: Files,
): Promise<Completion[]> {
  const prefix = typed.slice(0, typed.lastIndexOf('/') + 1);
  const wantsModel = leadsTo === 'model';
  const found: Completion[] = [];
  const add = (path: string, kind: 'folder' | 'file', detail: string, rank: number) => {
    const text = path.replace(/\/$/, '');
    found.push({ label: text, kind, detail, range, text, rank });
  };
  const end = Date.now() + maxMs;
  let looked = 0;
  let level: readonly string[] = [prefix];
  for (let depth = 0; depth < (wantsModel ? maxDepth : 1) && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (looked++ >= maxLooked || Date.now() > end) break;
      const path = files.resolve(uri, folder.replace(/^file:\/\//, '') || '.');
      const place = path === undefined ? undefined : await inTime(files.look(path), end - Date.now());
      if (place?.kind !== 'folder') continue;
      const model = depth > 0 && wantsModel ? detectModel(place.names) : undefined;
      if (model && 'type' in model) add(folder, 'folder', `${model.type} model`, depth);
      else if (depth === 1) add(folder, 'folder', '', 10 + depth);
      for (const name of place.names) {
        if (skipped.test(name)) continue;
        if (name.endsWith('/')) {
          next.push(folder + name);
          if (!wantsModel) add(folder + name, 'folder', '', 1);
        } else if (!wantsModel) add(folder + name, 'file', '', 0);
      }
    }
    level = next;
  }
  // With what is left of the last level: those folders are there, though they were not read.
  if (wantsModel && looked <= 1) for (const folder of level) add(folder, 'folder', '', 20);
  return found;
}

/** A disk of the network may never answer. */
function inTime<T>(answer: Promise<T>, ms: number): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), Math.max(0, ms));
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
