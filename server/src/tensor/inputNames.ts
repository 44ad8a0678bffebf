import { anyType, type TensorInfo } from '../../../schemas/jobEvents.ts';

/** Whether an input or output may be called by a name: TensorFlow's `image` is also `image:0`. */
export function isCalled({ name, aliases }: Pick<TensorInfo, 'name' | 'aliases'>, given: string): boolean {
  return name === given || aliases?.includes(given) === true;
}

/** The name that a record has an input under. */
export function nameIn(
  record: ReadonlyMap<string, unknown>,
  { name, aliases }: Pick<TensorInfo, 'name' | 'aliases'>,
): string {
  if (aliases === undefined || record.has(name)) return name;
  return aliases.find((alias) => record.has(alias)) ?? name;
}

/** The inputs of a record for a model that does not say its own: whatever is sent reaches it, by whatever name. */
export function openInputs(names: Iterable<string>): readonly TensorInfo[] {
  return Array.from(names, (name) => ({ name, type: anyType, shape: [], openRank: true }));
}
