/** No config is larger; more is not read. In bytes. */
export const maxBytes = 1024 * 1024;

/** A file's text, or why it has none, to go on after its name. Where the encoding is another than UTF-8, or only the
 *  beginning was read, `guess` is what it seems to say: enough to see whose file it is, never to be written back. */
export type TextOrTrouble =
  | { readonly text: string }
  | { readonly text?: undefined; readonly trouble: string; readonly guess?: string };

/** The text that bytes are in UTF-8. */
export function decodeText(bytes: Uint8Array): TextOrTrouble {
  const wide =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : undefined;
  if (wide !== undefined)
    return {
      trouble: `is ${wide.toUpperCase()}; save it as UTF-8`,
      guess: new TextDecoder(wide).decode(bytes),
    };
  if (bytes.includes(0)) return { trouble: 'holds zero bytes; it is no UTF-8 text' };
  try {
    // The byte order mark is a part of the text, so that it is written back.
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { trouble: 'is not UTF-8; save it as UTF-8', guess: new TextDecoder('latin1').decode(bytes) };
  }
}

/** What is said of a file that is larger than any config.
 *  @param head  its first bytes */
export function tooLarge(size: number, head: Uint8Array): TextOrTrouble {
  return {
    trouble: `has ${size} bytes, and ${maxBytes} are the most that is read`,
    guess: new TextDecoder('latin1').decode(head),
  };
}
