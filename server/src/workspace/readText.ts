import { open } from 'node:fs/promises';

/** No config is larger; more is not read. In bytes. */
const maxBytes = 1024 * 1024;

/** A file's text, or why it has none. Where the encoding is another than UTF-8, `guess` is what it seems to say: enough to
 *  see whose file it is, never to be written back. */
export type TextOrTrouble =
  | { readonly text: string }
  | { readonly text?: undefined; readonly trouble: string; readonly guess?: string };

/** The text of a file; undefined where it cannot be read, is too large or is no UTF-8 text. */
export async function readText(path: string): Promise<string | undefined> {
  return (await readTextOrTrouble(path)).text;
}

export async function readTextOrTrouble(path: string): Promise<TextOrTrouble> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > maxBytes) return { trouble: `has ${size} bytes, and ${maxBytes} are the most that is read` };
      return decode(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    return { trouble: `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})` };
  }
}

function decode(bytes: Buffer): TextOrTrouble {
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined; // prettier-ignore
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
    return { trouble: 'is not UTF-8; save it as UTF-8', guess: bytes.toString('latin1') };
  }
}
