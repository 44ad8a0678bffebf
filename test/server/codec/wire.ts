import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServingError } from '../../../schemas/errors.ts';
import type { RecordInput } from '../../../server/src/tensor/tensor.ts';

const folder = join(import.meta.dirname, '../../fixtures/wire');

/** One recorded file; each folder fills other fields, see the README beside them. */
export interface Recorded {
  readonly entry?: { readonly data: string; readonly serde?: string };
  readonly entries?: readonly { readonly data: string }[];
  readonly requestBody?: string;
  readonly expect?: Readonly<Record<string, Expected>>;
  readonly hash?: { readonly value?: string };
  readonly decoded?: { readonly batches?: readonly RecordedBatch[] };
  readonly error?: string;
}

export interface Expected {
  readonly kind: string;
  readonly [key: string]: unknown;
}

export interface RecordedBatch {
  readonly data: readonly number[];
  readonly shape: readonly (number | null)[];
}

export function recorded(name: string): Recorded {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Recorded;
}

/** All files of a folder, as [name, content]. */
export function recordings(kind: string): readonly (readonly [string, Recorded])[] {
  return readdirSync(join(folder, kind)).map((name) => [`${kind}/${name}`, recorded(`${kind}/${name}`)]);
}

/** The code of the ServingError that `action` throws, or "accepted"; anything else thrown is a bug. */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ServingError) return error.code;
    throw error;
  }
  return 'accepted';
}

/** An input with plain lists for its arrays, to compare whole; where its numbers came from is left out. */
export function plain(input: RecordInput | undefined): Record<string, unknown> {
  if (input === undefined) return {};
  if (input.kind === 'image') return { ...input };
  const arrays = input.kind === 'sparse' ? { indices: Array.from(input.indices) } : {};
  const values = { ...input, ...arrays, data: Array.from<unknown>(input.data) };
  delete values.origin;
  return values;
}
