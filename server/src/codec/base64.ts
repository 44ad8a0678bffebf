import { undecodable } from '../tensor/tensor.ts';

/** Decodes base64, with or without padding, with line breaks or blanks in it, and behind the head of a `data:` URL.
 *  Buffer.from skips what is not base64; a text with such characters comes out shorter than its length promises,
 *  which is the whole check and costs nothing.
 *  @param where  what is named in the error
 *  @throws ServingError "record-undecodable" */
export function decodeBase64(text: string, where = 'data'): Buffer {
  const bytes = decodeStrictly(text) ?? decodeStrictly(plainBase64(text));
  if (!bytes) throw undecodable(where, 'is not base64');
  return bytes;
}

/** Base64 as it is without what may be written around it: the head of a `data:` URL (RFC 2397), and the line breaks of mail
 *  and of command lines. Other texts come back as they are, or without their blanks. */
function plainBase64(text: string): string {
  // Looking for single letters is far quicker than any pattern, and nearly all texts have none of them.
  const hasBlanks = ['\n', '\r', ' ', '\t'].some((blank) => text.includes(blank));
  const isUrl = /^\s*data:/i.test(text.slice(0, 100));
  if (!hasBlanks && !isUrl) return text;
  const comma = isUrl ? text.indexOf(',') : -1;
  const isBase64 = /;\s*base64\s*$/i.test(text.slice(Math.max(0, comma - 20), comma));
  return (comma >= 0 && isBase64 ? text.slice(comma + 1) : text).replace(/\s+/g, '');
}

function decodeStrictly(text: string): Buffer | undefined {
  let length = text.length;
  if (length > 0 && text.charCodeAt(length - 1) === 61) length--;
  if (length > 0 && text.charCodeAt(length - 1) === 61) length--;
  const bytes = Buffer.from(text, 'base64');
  return length % 4 === 1 || bytes.length !== Math.floor((length * 3) / 4) ? undefined : bytes;
}
