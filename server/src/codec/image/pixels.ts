/** In pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** A decoded image: rows first, three bytes a pixel, blue, green, red, without gaps. */
export interface Pixels extends Size {
  readonly bgr: Uint8Array;
}

/** What cameras of 24 megapixels give, with their margins: 75 MB decoded. A model looks at a fiftieth of that, and a file of
 *  a few kilobytes may claim any size. */
export const maxPixels = 25_000_000;
