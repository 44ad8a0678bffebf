import type { ModelFiles } from './modelFiles.ts';

const pieceBytes = 256 * 1024;
/** Larger descriptions are left to the runtime. */
const maxBytes = 32 * 1024 * 1024;
/** A constant is shorter than this in the text. */
const overlap = 512;

/** Whether an OpenVINO IR is one, and its weights are as long as it says. @returns what is wrong, and what to do */
export async function inspectIr(
  file: string,
  weights: string | undefined,
  files: ModelFiles,
): Promise<string | undefined> {
  const decoder = new TextDecoder('latin1');
  let needed = 0;
  let before = '';
  let at = 0;
  let isClosed = false;
  for (; at < maxBytes; at += pieceBytes) {
    const piece = await files.bytes(file, at, pieceBytes);
    if (!piece) return undefined;
    const text = before + decoder.decode(piece);
    if (at === 0 && !/<net[\s>]/.test(text)) return `${file} is no OpenVINO IR, whatever its name says.`;
    for (const match of text.matchAll(/\boffset="(\d+)"[^>]*?\bsize="(\d+)"/g))
      needed = Math.max(needed, Number(match[1]) + Number(match[2]));
    isClosed ||= text.includes('</net>');
    before = text.slice(-overlap);
    if (piece.length < pieceBytes) break;
  }
  if (at >= maxBytes) return undefined;
  if (!isClosed) return `${file} is cut off: its end is missing. Copy or download it again.`;
  if (needed === 0 || weights === undefined) return undefined;
  const last = await files.bytes(weights, needed - 1, 1);
  if (last?.length !== 0) return undefined;
  return `${weights} is shorter than the ${needed} bytes that ${file} needs: it is cut off, or belongs to another model. Copy or download both again.`;
}
