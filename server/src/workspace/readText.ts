import { open, type FileHandle } from 'node:fs/promises';
import { decodeText, maxBytes, tooLarge, type TextOrTrouble } from './decodeText.ts';
import { patiently } from '../model/recognise/patiently.ts';

/** Enough to see whose file it is. In bytes. */
const headBytes = 4096;

/** The text of a file; undefined where it cannot be read, is too large or is no UTF-8 text. */
export async function readText(path: string): Promise<string | undefined> {
  return (await readTextOrTrouble(path)).text;
}

export async function readTextOrTrouble(path: string): Promise<TextOrTrouble> {
  try {
    const file = await patiently(() => open(path));
    try {
      const { size } = await file.stat();
      return size > maxBytes ? tooLarge(size, await headOf(file)) : decodeText(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    return { trouble: `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})` };
  }
}

async function headOf(file: FileHandle): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(headBytes), 0, headBytes, 0);
  return buffer.subarray(0, bytesRead);
}
