import type { ProblemCode, ProblemData } from '../../../../schemas/config/problems.ts';
import { beginning } from '../../../../schemas/printable.ts';

export interface Trouble {
  readonly code: ProblemCode;
  readonly message: string;
  readonly data?: ProblemData;
}

/** A value, what is wrong with it, or both. */
export interface Reading<T> {
  readonly value?: T;
  readonly trouble?: Trouble;
}

export function refuse(code: ProblemCode, message: string, data?: ProblemData): { trouble: Trouble } {
  return { trouble: data ? { code, message, data } : { code, message } };
}

/** A written value as a message may show it. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${beginning(text, 57)}...` : text);
}
