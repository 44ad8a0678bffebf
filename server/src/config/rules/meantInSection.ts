import { deadKeys } from '../../../../schemas/config/oldKeys.ts';
import { spellings, type Spelling } from '../../../../schemas/config/spellings.ts';
import { nearest } from '../nearest.ts';

const nested = spellings.filter(({ form }) => form === 'nested');

/** The key of the nested form that a misspelt one probably means, when none that does nothing is as near.
 *  @param path  as `Entry.path` */
export function meantInSection(path: string): Spelling | undefined {
  const dot = path.indexOf('.');
  if (dot < 0) return undefined;
  const section = path.slice(0, dot + 1).toLowerCase();
  const isHere = (name: string) => name.startsWith(section);
  const here = nested.filter(({ name }) => isHere(name));
  const dead = Object.keys(deadKeys).filter(isHere);
  const names = [...here.map(({ name }) => name), ...dead].map((name) => name.slice(dot + 1));
  const like = nearest(path.slice(dot + 1), names);
  return here.find(({ name }) => name === section + String(like));
}
