import type { Memento } from 'vscode';

/** The jobs that the user wants on top, in the user's order; kept with the workspace. */
export interface Pins {
  has(id: string): boolean;
  toTop(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Those that are pinned first; the others stay in their order. */
  sorted<T>(items: readonly T[], idOf: (item: T) => string): readonly T[];
  onChange(listener: () => void): { dispose(): void };
}

const key = 'pinnedJobs';

export function createPins(memento: Memento): Pins {
  const listeners = new Set<() => void>();
  const pinned = () => memento.get<readonly string[]>(key, []);
  const change = async (ids: readonly string[]) => {
    await memento.update(key, ids);
    for (const listener of listeners) listener();
  };
  return {
    has: (id) => pinned().includes(id),
    toTop: (id) => change([id, ...pinned().filter((one) => one !== id)]),
    remove: (id) => change(pinned().filter((one) => one !== id)),
    sorted(items, idOf) {
      const places = new Map(pinned().map((id, place) => [id, place]));
      const placeOf = (item: (typeof items)[number]) => places.get(idOf(item)) ?? places.size;
      return [...items].sort((a, b) => placeOf(a) - placeOf(b));
    },
    onChange(listener) {
      listeners.add(listener);
      return { dispose: () => listeners.delete(listener) };
    },
  };
}
