import { existsSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { PlaceWatch } from './host.ts';

/** The system allows only a limited number; beyond it, paths are checked when they are asked for. */
const maxPaths = 500;
/** In ms: a folder that is copied changes many times in a moment. */
const quiet = 100;

/** Calls back when something appears, vanishes or changes at a path, or in the folder that stands there. Paths need not exist. */
export function watchPlaces(onChange: (paths: ReadonlySet<string>) => void): PlaceWatch {
  const watchers = new Map<string, FSWatcher>();
  let watched: readonly string[] = [];
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  /** A folder is watched by itself and by its parent; what is missing by the nearest folder that is there. Of an upper
   *  folder only the name counts that leads to the path: in /tmp something happens all the time.
   *  @returns folder and name, undefined for any name */
  function watchesOf(path: string): [string, string | undefined][] {
    let [parent, name] = [dirname(path), basename(path)];
    while (!existsSync(parent) && dirname(parent) !== parent)
      [parent, name] = [dirname(parent), basename(parent)];
    const upper: [string, string] = [parent, name];
    return existsSync(path) ? [[path, undefined], upper] : [upper];
  }

  function arm(): void {
    for (const watcher of watchers.values()) watcher.close();
    watchers.clear();
    const wanted = new Map<string, { readonly name: string | undefined; readonly path: string }[]>();
    for (const path of watched)
      for (const [folder, name] of watchesOf(path))
        wanted.set(folder, [...(wanted.get(folder) ?? []), { name, path }]);
    for (const [folder, places] of wanted) {
      const notice = (changedName: string | null) =>
        note(
          places
            .filter(({ name }) => name === undefined || changedName === null || name === changedName)
            .map(({ path }) => path),
        );
      try {
        const watcher = watch(folder, { persistent: false }, (_, changedName) => notice(changedName));
        watcher.on('error', () => notice(null));
        watchers.set(folder, watcher);
      } catch {
        // It vanished meanwhile, or the system's watches are used up: the place is looked at when it is asked for.
      }
    }
  }

  function note(paths: readonly string[]): void {
    if (paths.length === 0) return;
    for (const path of paths) changed.add(path);
    timer ??= setTimeout(() => {
      timer = undefined;
      const now = new Set(changed);
      changed.clear();
      arm();
      onChange(now);
    }, quiet);
  }

  return {
    set(paths) {
      const wanted = [...paths].slice(0, maxPaths);
      if (wanted.length === watched.length && wanted.every((path, i) => path === watched[i])) return false;
      watched = wanted;
      arm();
      return true;
    },
    close() {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}
