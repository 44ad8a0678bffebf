import type { KeyName } from '../../../../../schemas/config/configKeys.ts';
import type { Range } from '../../../../../schemas/config/problems.ts';

/** One line of the list that is offered. */
export interface Completion {
  readonly label: string;
  readonly kind: 'key' | 'value' | 'folder' | 'file' | 'reference';
  readonly detail: string;
  readonly range: Range;
  /** What to insert as it stands. */
  readonly text: string;
  /** What the typed is compared with, where that is not what is inserted: a text without the quotes that it needs. */
  readonly filter?: string;
  /** The same with tab stops, for editors that have them. */
  readonly snippet?: string;
  /** Shown in this order. */
  readonly rank: number;
  /** The key to describe beside it. */
  readonly key?: KeyName;
  /** Opens the list of values at once. */
  readonly continues?: true;
}
