/** A decoded picture: rows first, three bytes a pixel, blue, green, red, without gaps. */
export interface Pixels {
  readonly height: number;
  readonly width: number;
  readonly bgr: Uint8Array;
}

/** Sixty-four megapixels take 192 MB decoded; no model looks at more, and a bomb of a few kilobytes claims more. */
export const maxPixels = 64 * 1024 * 1024;
