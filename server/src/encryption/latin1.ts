/* The original reads a file as ISO-8859-1 text and encrypts that text as UTF-8: each byte from 0x80 on becomes two. Both
   ways go by bytes, since a string cannot hold the files of large models. */

const firstWide = 0x80;
/** The first of the two bytes: its upper bits mark it, and its lowest two are the upper bits of the letter. */
const leadMark = 0xc0;
const leadBits = 6;
const tailMark = 0x80;
const tailMask = 0x3f;

export function latin1ToUtf8(bytes: Uint8Array): Buffer {
  const utf8 = Buffer.allocUnsafe(bytes.length + countFrom(firstWide, bytes));
  let at = 0;
  for (const byte of bytes) {
    if (byte < firstWide) utf8[at++] = byte;
    else {
      utf8[at++] = leadMark | (byte >> leadBits);
      utf8[at++] = tailMark | (byte & tailMask);
    }
  }
  return utf8;
}

/** @returns undefined for what is no UTF-8 of letters up to 0xff, as what a wrong key decrypts */
export function utf8ToLatin1(utf8: Uint8Array): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(utf8.length - countFrom(leadMark, utf8));
  let at = 0;
  for (let i = 0; i < utf8.length; i++) {
    const byte = utf8[i] as number;
    if (byte < firstWide) {
      bytes[at++] = byte;
      continue;
    }
    const upper = byte - leadMark;
    const tail = utf8[++i] ?? 0;
    // 0xc2 and 0xc3: the letters from 0x80 to 0xff, each written in the one way that is allowed.
    if ((upper !== 2 && upper !== 3) || (tail & ~tailMask) !== tailMark) return undefined;
    bytes[at++] = (upper << leadBits) | (tail & tailMask);
  }
  return bytes;
}

function countFrom(least: number, bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte >= least) count += 1;
  return count;
}
