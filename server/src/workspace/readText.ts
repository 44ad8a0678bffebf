import { open } from 'node:fs/promises';

/** No config is larger; more is not read. In bytes. */
const maxBytes = 1024 * 1024;

/** The text of a file; undefined where it cannot be read, is too large or is no text. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > maxBytes) return undefined;
      const bytes = await file.readFile();
      return bytes.includes(0) ? undefined : bytes.toString('utf8');
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
