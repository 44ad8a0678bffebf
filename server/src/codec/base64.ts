import { undecodable } from '../tensor/tensor.ts';

/** Decodes base64, with or without padding.
 *  Buffer.from skips what is not base64; a text with such characters comes out shorter than its length promises,
 *  which is the whole check and costs nothing.
 *  @param where  what is named in the error
 *  @throws ServingError "record-undecodable" */
export function decodeBase64(text: string, where = 'data'): Buffer {
  let length = text.length;
  if (length > 0 && text.charCodeAt(length - 1) === 61) length--;
  if (length > 0 && text.charCodeAt(length - 1) === 61) length--;
  const bytes = Buffer.from(text, 'base64');
  if (length % 4 === 1 || bytes.length !== Math.floor((length * 3) / 4))
    throw undecodable(where, 'is not base64');
  return bytes;
}
