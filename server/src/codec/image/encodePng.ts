import { deflateSync } from 'node:zlib';
import type { Pixels } from './pixels.ts';

/** Writes an image as a PNG of eight bits a colour. */
export function encodePng({ height, width, bgr }: Pixels): Buffer {
  const lines = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0, from = 0, to = 0; y < height; y++) {
    // The first byte of a line names its filter: none.
    to += 1;
    for (let x = 0; x < width; x++, from += 3, to += 3) {
      lines[to] = bgr[from + 2] ?? 0;
      lines[to + 1] = bgr[from + 1] ?? 0;
      lines[to + 2] = bgr[from] ?? 0;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(kind, 'latin1'), content]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(content.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

/** The checksum of PNG; Node has one of its own from 20.15 on only. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
