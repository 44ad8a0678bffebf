import type { RecordPreview } from '../../schemas/redis/queueReports.ts';
import type { RecordRow } from './recordRow.ts';

/** What the rows in view hold. Only these are asked for, once the view rests. */
export interface Previews {
  of(key: string): RecordPreview | undefined;
  want(rows: readonly RecordRow[]): void;
}

export interface PreviewsOptions {
  readonly ask: (ids: readonly string[]) => Promise<readonly RecordPreview[]>;
  /** @param keys  of the rows of which more is known now */
  readonly onNew: (keys: readonly string[]) => void;
  /** How long the view has to rest, in ms. */
  readonly restMs?: number;
}

/** The most that are kept: each may have an image. */
const kept = 1_000;
/** The most that are asked for at once. */
const atOnce = 40;

export function createPreviews({ ask, onNew, restMs = 200 }: PreviewsOptions): Previews {
  const known = new Map<string, RecordPreview>();
  /** Those of which there is no preview: they have gone, or cannot be read. */
  const without = new Set<string>();
  let wanted: readonly RecordRow[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;

  async function fetchNow(): Promise<void> {
    timer = undefined;
    const asked = wanted.filter(({ key }) => !known.has(key) && !without.has(key)).slice(0, atOnce);
    if (isAsking || asked.length === 0) return;
    isAsking = true;
    try {
      const found = await ask(asked.map(({ id }) => id));
      const byId = new Map(found.map((preview) => [preview.id, preview]));
      for (const { key, id } of asked) {
        const preview = byId.get(id);
        if (preview) known.set(key, preview);
        else without.add(key);
      }
      for (const key of known.keys()) if (known.size > kept) known.delete(key);
      onNew(asked.map(({ key }) => key));
    } catch {
      for (const { key } of asked) without.add(key);
    } finally {
      isAsking = false;
    }
    await fetchNow();
  }

  return {
    of: (key) => known.get(key),
    want(rows) {
      wanted = rows;
      clearTimeout(timer);
      timer = setTimeout(() => void fetchNow(), restMs);
    },
  };
}
