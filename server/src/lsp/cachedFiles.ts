import type { Files, Place } from '../language/files.ts';

/** Asks the disk once for the many who ask for the same place within a second; the watcher makes it forget at once. */
export interface CachedFiles extends Files {
  forget(path: string): void;
}

/** In ms; the watcher may be out of order on a network drive, so nothing is believed for longer. */
const maxAge = 1000;
const maxPlaces = 5000;

export function cachedFiles(files: Files): CachedFiles {
  const places = new Map<string, { readonly at: number; readonly place: Promise<Place> }>();
  return {
    ...files,
    look(path) {
      const known = places.get(path);
      if (known && Date.now() - known.at < maxAge) return known.place;
      if (places.size >= maxPlaces) places.clear();
      const place = files.look(path);
      places.set(path, { at: Date.now(), place });
      return place;
    },
    forget(path) {
      places.delete(path);
    },
  };
}
