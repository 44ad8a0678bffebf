import type { Pixels } from './pixels.ts';

/* OpenCV computes in fixed point: coefficients have 11 bits, and the vertical step drops 4 + 16 bits of the products
   before it rounds away the last 2. Doing the same is what makes the result equal to its last bit. */
const scaleBits = 11;

/** Resizes as OpenCV's `resize(INTER_LINEAR)` does for bytes, bit for bit: pixel centres lie at halves, no smoothing
 *  when shrinking, except that halving both sides averages four pixels. */
export function resize(pixels: Pixels, size: { readonly height: number; readonly width: number }): Pixels {
  const { height, width } = size;
  if (height === pixels.height && width === pixels.width) return pixels;
  if (pixels.height === 2 * height && pixels.width === 2 * width) return halve(pixels);
  const columns = coefficients(width, pixels.width);
  const rows = coefficients(height, pixels.height);
  const bgr = new Uint8Array(3 * height * width);
  let upper = { row: -1, values: new Int32Array(3 * width) };
  let lower = { row: -1, values: new Int32Array(3 * width) };
  for (let y = 0; y < height; y++) {
    const from = rows.starts[y] ?? 0;
    // The lower row of one line is often the upper row of the next: swapping saves half of the horizontal work.
    if (lower.row === clamp(from, pixels.height)) [upper, lower] = [lower, upper];
    stretch(pixels, clamp(from, pixels.height), columns, upper);
    stretch(pixels, clamp(from + 1, pixels.height), columns, lower);
    const a = rows.weights[2 * y] ?? 0;
    const b = rows.weights[2 * y + 1] ?? 0;
    const target = 3 * width * y;
    for (let i = 0; i < 3 * width; i++) {
      const top = (a * ((upper.values[i] ?? 0) >> 4)) >> 16;
      const bottom = (b * ((lower.values[i] ?? 0) >> 4)) >> 16;
      bgr[target + i] = (top + bottom + 2) >> 2;
    }
  }
  return { height, width, bgr };
}

interface Coefficients {
  /** The source pixel left of each target pixel; -1 at the border. */
  readonly starts: Int32Array;
  /** Two weights for each target pixel, together 2048. */
  readonly weights: Int32Array;
}

function coefficients(target: number, source: number): Coefficients {
  const scale = 1 / (target / source);
  const starts = new Int32Array(target);
  const weights = new Int32Array(2 * target);
  for (let i = 0; i < target; i++) {
    const centre = Math.fround((i + 0.5) * scale - 0.5);
    const start = Math.floor(centre);
    const fraction = Math.fround(centre - start);
    starts[i] = start;
    weights[2 * i] = roundHalfEven(Math.fround(1 - fraction) * 2 ** scaleBits);
    weights[2 * i + 1] = roundHalfEven(fraction * 2 ** scaleBits);
  }
  return { starts, weights };
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

function clamp(row: number, rows: number): number {
  return Math.min(Math.max(row, 0), rows - 1);
}

/** Interpolates one source row horizontally, unless `line` holds it already. */
function stretch(
  { width, bgr }: Pixels,
  row: number,
  { starts, weights }: Coefficients,
  line: { row: number; readonly values: Int32Array },
): void {
  if (line.row === row) return;
  line.row = row;
  const base = 3 * width * row;
  for (let x = 0; x < starts.length; x++) {
    const start = starts[x] ?? 0;
    // Beyond the border OpenCV gives the whole weight to the border pixel.
    const isInside = start >= 0 && start < width - 1;
    const left = base + 3 * clamp(start, width);
    const right = isInside ? left + 3 : left;
    const a = isInside ? (weights[2 * x] ?? 0) : 2 ** scaleBits;
    const b = isInside ? (weights[2 * x + 1] ?? 0) : 0;
    for (let c = 0; c < 3; c++) line.values[3 * x + c] = (bgr[left + c] ?? 0) * a + (bgr[right + c] ?? 0) * b;
  }
}

function halve({ height, width, bgr }: Pixels): Pixels {
  const half = { height: height / 2, width: width / 2 };
  const target = new Uint8Array(3 * half.height * half.width);
  let i = 0;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      for (let c = 0; c < 3; c++) {
        const above = 3 * (width * y + x) + c;
        const below = above + 3 * width;
        const sum = (bgr[above] ?? 0) + (bgr[above + 3] ?? 0) + (bgr[below] ?? 0) + (bgr[below + 3] ?? 0);
        target[i++] = (sum + 2) >> 2;
      }
    }
  }
  return { ...half, bgr: target };
}
