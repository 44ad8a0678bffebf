import type { Files, Place } from '../language/files.ts';

/** Asks the disk once for the many who ask for the same within a second; the watcher makes it forget at once. */
export interface CachedFiles extends Files {
  /** Forgets what is known of a path, and of what lies below it. */
  forget(path: string): void;
}

/** In ms; the watcher may be out of order on a network drive, so nothing is believed for longer. */
const maxAge = 1000;
const maxPlaces = 5000;
/** Models are recognised by their first bytes; longer parts are read each time. */
const maxBytes = 4096;
const maxParts = 500;

/** @param now  in ms */
export function cachedFiles(files: Files, now: () => number = Date.now): CachedFiles {
  const places = createCache<Promise<Place>>(maxPlaces, now);
  const parts = createCache<Promise<Uint8Array | undefined>>(maxParts, now);
  return {
    ...files,
    look: (path) => places.get(path, '', () => files.look(path)),
    bytes(path, start, count) {
      const read = () => files.bytes(path, start, count);
      return count > maxBytes ? read() : parts.get(path, `${start} ${count}`, read);
    },
    forget(path) {
      places.forget(path);
      parts.forget(path);
    },
  };
}

interface Cache<T> {
  /** @param part  what of the path is asked for */
  get(path: string, part: string, ask: () => T): T;
  forget(path: string): void;
}

/** No path has this character. */
const end = '\0';

function createCache<T>(maxAnswers: number, now: () => number): Cache<T> {
  const known = new Map<string, { readonly at: number; readonly answer: T }>();
  return {
    get(path, part, ask) {
      const question = path + end + part;
      const before = known.get(question);
      if (before && now() - before.at < maxAge) return before.answer;
      if (known.size >= maxAnswers) known.clear();
      const answer = ask();
      known.set(question, { at: now(), answer });
      return answer;
    },
    forget(path) {
      for (const question of known.keys())
        if (question.startsWith(path) && [end, '/', '\\'].includes(question[path.length] ?? ''))
          known.delete(question);
    },
  };
}
