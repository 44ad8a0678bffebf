import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyBits } from '../../../schemas/encryption.ts';
import { keyOf, type Keys } from './deriveKeys.ts';
import { latin1ToUtf8, utf8ToLatin1 } from './latin1.ts';

/* A file of an encrypted model is text: base64 of an initialization vector and of what AES-CBC makes of the file's ISO-8859-1
   text in UTF-8. @see BigDL EncryptSupportive.scala, encryptFileWithAESCBC */

const blockBytes = 16;
/** The Python helper of the original fills up to blocks of this length, which the original itself does not read. */
const maxPadding = 32;
/** Base64 is read and written in pieces, since a string cannot hold the text of a large model. A multiple of three and of
 *  four, and of what is read from the text at once. */
const pieceBytes = 3 * 1024 * 1024;
const pieceLetters = (pieceBytes / 3) * 4;

/** @returns the text of the file */
export function encryptModelFile(
  bytes: Uint8Array,
  keys: Keys,
  bits: KeyBits = 256,
  iv: Uint8Array = randomBytes(blockBytes),
): Buffer {
  const cipher = createCipheriv(`aes-${bits}-cbc`, keyOf(keys, bits), iv);
  const whole = Buffer.concat([iv, cipher.update(latin1ToUtf8(bytes)), cipher.final()]);
  const text = Buffer.allocUnsafe(Math.ceil(whole.length / 3) * 4);
  for (let at = 0, end = 0; at < whole.length; at += pieceBytes)
    end += text.write(whole.toString('base64', at, at + pieceBytes), end, 'latin1');
  return text;
}

/** @returns the file as it was; "not encrypted" for what is no file in this form; undefined where no key decrypts it */
export function decryptModelFile(text: Uint8Array, keys: Keys): Buffer | 'not encrypted' | undefined {
  const whole = decodeText(text);
  if (!whole || whole.length < 2 * blockBytes || whole.length % blockBytes !== 0) return 'not encrypted';
  for (const { bits, key } of keys) {
    const decipher = createDecipheriv(`aes-${bits}-cbc`, key, whole.subarray(0, blockBytes));
    decipher.setAutoPadding(false);
    const utf8 = withoutPadding(decipher.update(whole.subarray(blockBytes)));
    // The cipher has no checksum: nearly all that a wrong key makes is no UTF-8, and the model is looked into after that.
    const bytes = utf8 && utf8ToLatin1(utf8);
    if (bytes) return bytes;
  }
  return undefined;
}

function withoutPadding(padded: Buffer): Buffer | undefined {
  const length = padded.at(-1) ?? 0;
  if (length < 1 || length > Math.min(maxPadding, padded.length)) return undefined;
  const end = padded.length - length;
  return padded.subarray(end).every((byte) => byte === length) ? padded.subarray(0, end) : undefined;
}

/** Line breaks, which editors and mail add, are no part of the text. @returns undefined for what is no base64 */
function decodeText(text: Uint8Array): Buffer | undefined {
  const letters = withoutBreaks(text);
  const bytes = Buffer.allocUnsafe(Math.ceil((letters.length * 3) / 4));
  let end = 0;
  for (let at = 0; at < letters.length; at += pieceLetters) {
    const piece = letters.toString('latin1', at, at + pieceLetters);
    const isLast = at + pieceLetters >= letters.length;
    if (!(isLast ? /^[A-Za-z0-9+/]*={0,2}$/ : /^[A-Za-z0-9+/]*$/).test(piece)) return undefined;
    end += bytes.write(piece, end, 'base64');
  }
  return bytes.subarray(0, end);
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

function withoutBreaks(text: Uint8Array): Buffer {
  const whole = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  return whole.includes(lineFeed)
    ? (whole.filter((byte) => byte !== lineFeed && byte !== carriageReturn) as Buffer)
    : whole;
}
