/** Undoes one line's filter in place.
 *  @param above  the line above it, already without filter
 *  @param step  bytes from one pixel to the next, at least 1
 *  @returns false for a filter that PNG does not know */
export function unfilter(kind: number, line: Uint8Array, above: Uint8Array, step: number): boolean {
  if (kind > 4) return false;
  if (kind === 0) return true;
  for (let i = 0; i < line.length; i++) {
    const left = i < step ? 0 : (line[i - step] ?? 0);
    const corner = i < step ? 0 : (above[i - step] ?? 0);
    line[i] = (line[i] ?? 0) + guess(kind, left, above[i] ?? 0, corner);
  }
  return true;
}

function guess(kind: number, left: number, up: number, corner: number): number {
  if (kind === 1) return left;
  if (kind === 2) return up;
  if (kind === 3) return (left + up) >> 1;
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** What each sample means, as blue, green, red; undefined when the pixels hold their colours themselves. */
export function coloursOf(
  { bits, colour }: { readonly bits: number; readonly colour: number },
  palette: Uint8Array,
): Uint8Array | undefined {
  if (colour === 2 || colour === 6) return undefined;
  const colours = new Uint8Array(3 * 256);
  const white = bits < 8 ? (1 << bits) - 1 : 255;
  for (let sample = 0; sample < 256; sample++) {
    for (let c = 0; c < 3; c++)
      colours[3 * sample + c] = colour === 3 ? (palette[3 * sample + 2 - c] ?? 0) : (sample * 255) / white;
  }
  return colours;
}

/** Writes the pixels of one line to their places.
 *  Of 16 bits the upper eight count, which come first. */
export function paint(
  from: {
    readonly line: Uint8Array;
    readonly bits: number;
    readonly step: number;
    readonly colours: Uint8Array | undefined;
  },
  to: { readonly bgr: Uint8Array; readonly at: number; readonly step: number; readonly count: number },
): void {
  const { line, bits, colours } = from;
  const { bgr } = to;
  const next = bits === 16 ? 2 : 1;
  for (let x = 0, at = to.at; x < to.count; x++, at += to.step) {
    const start = x * from.step;
    if (colours === undefined) {
      bgr[at] = line[start + 2 * next] ?? 0;
      bgr[at + 1] = line[start + next] ?? 0;
      bgr[at + 2] = line[start] ?? 0;
    } else {
      const sample = 3 * (bits < 8 ? packedSample(line, bits, x) : (line[start] ?? 0));
      bgr[at] = colours[sample] ?? 0;
      bgr[at + 1] = colours[sample + 1] ?? 0;
      bgr[at + 2] = colours[sample + 2] ?? 0;
    }
  }
}

function packedSample(line: Uint8Array, bits: number, x: number): number {
  const bit = x * bits;
  return ((line[bit >> 3] ?? 0) >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
}
