import type { Range } from '../../../../schemas/config/problems.ts';
import { configKeys } from '../../../../schemas/config/configKeys.ts';
import { entryRange } from '../../config/context.ts';
import type { Entry } from '../../config/entries.ts';
import type { ConfigText } from '../configText.ts';

export interface Symbol {
  readonly name: string;
  /** The value, shortened; empty for sections and passwords. */
  readonly detail: string;
  readonly range: Range;
  readonly nameRange: Range;
  readonly children: readonly Symbol[];
}

/** The keys of the file, as an outline shows them. */
export function symbols({ read }: ConfigText): Symbol[] {
  return read.entries.map(symbol);
}

function symbol(entry: Entry): Symbol {
  const { path, key, keyRange, value, children } = entry;
  const isSecret = key !== undefined && configKeys[key].type === 'secret';
  return {
    name: path.slice(path.lastIndexOf('.') + 1) || path || '""',
    detail: value.kind === 'scalar' && !isSecret ? value.text.slice(0, 80) : '',
    range: entryRange(entry),
    nameRange: keyRange,
    children: children.map(symbol),
  };
}
