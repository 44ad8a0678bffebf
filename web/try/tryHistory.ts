import type { Reply, Sent } from './host.ts';

/** One request and what came of it. */
export interface Entry {
  readonly id: number;
  /** When it was sent, in ms since 1970. */
  readonly at: number;
  /** Name and version of the model. */
  readonly model: string;
  readonly sent: Sent;
  /** Absent while it is waited for. */
  readonly reply?: Reply;
}

export const keptEntries = 20;

/** @returns the entries with this one, or with it in place of its older self; the newest first */
export function withEntry(entries: readonly Entry[], entry: Entry): readonly Entry[] {
  if (entries.some(({ id }) => id === entry.id))
    return entries.map((known) => (known.id === entry.id ? entry : known));
  return [entry, ...entries].slice(0, keptEntries);
}

/** What the editor keeps of the history in the page's state, which is JSON. Entries that are too large are left out: the
 *  state is written as a whole. */
const longestSaved = 200_000;

interface SavedEntry extends Omit<Entry, 'sent'> {
  readonly sent:
    | Exclude<Sent, { readonly kind: 'image' }>
    | (Omit<Extract<Sent, { readonly kind: 'image' }>, 'bytes'> & { readonly base64: string });
}

export function savedEntries(entries: readonly Entry[]): readonly string[] {
  return entries
    .filter(({ reply }) => reply !== undefined)
    .flatMap(({ sent, ...rest }) => {
      if (sent.kind === 'image' && sent.bytes.length > longestSaved) return [];
      const text = JSON.stringify({
        ...rest,
        sent: sent.kind === 'image' ? packed(sent) : sent,
      } satisfies SavedEntry);
      return text.length > 2 * longestSaved ? [] : [text];
    });
}

export function restoredEntries(saved: unknown): readonly Entry[] {
  if (!Array.isArray(saved)) return [];
  return saved.flatMap((text: unknown): readonly Entry[] => {
    if (typeof text !== 'string') return [];
    const { sent, ...rest } = JSON.parse(text) as SavedEntry;
    if (sent.kind === 'json') return [{ ...rest, sent }];
    const { base64, ...image } = sent;
    return [
      { ...rest, sent: { ...image, bytes: Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)) } },
    ];
  });
}

function packed({ bytes, ...image }: Extract<Sent, { readonly kind: 'image' }>): SavedEntry['sent'] {
  return { ...image, base64: base64Of(bytes) };
}

export function base64Of(bytes: Uint8Array): string {
  let text = '';
  // More arguments at once than this are too many for a call.
  for (let at = 0; at < bytes.length; at += 8_192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}
