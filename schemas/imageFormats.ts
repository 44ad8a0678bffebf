interface ImageFormatRow {
  /** As people call it. */
  readonly title: string;
  readonly endings: readonly string[];
  /** The second part of its media types. */
  readonly types: readonly string[];
}

/** The file formats of images that are decoded; server/src/codec/image/formats.ts has the decoder of each. */
const imageFormats = {
  jpeg: { title: 'JPEG', endings: ['.jpg', '.jpeg'], types: ['jpeg', 'jpg'] },
  png: { title: 'PNG', endings: ['.png'], types: ['png'] },
  webp: { title: 'WEBP', endings: ['.webp'], types: ['webp'] },
  bmp: { title: 'BMP', endings: ['.bmp'], types: ['bmp', 'x-ms-bmp'] },
} as const satisfies Readonly<Record<string, ImageFormatRow>>;

export type ImageFormatName = keyof typeof imageFormats;

const rows: readonly ImageFormatRow[] = Object.values(imageFormats);

/** `.jpg`, `.png` and so on. */
export const imageEndings = rows.flatMap(({ endings }) => endings);

/** The second parts of the media types: `jpeg`, `png` and so on. */
export const imageTypes = rows.flatMap(({ types }) => types);

/** For sentences: `a JPEG, PNG, WEBP or BMP file`. */
export const anImageFile = `a ${rows
  .map(({ title }) => title)
  .join(', ')
  .replace(/, (\w+)$/, ' or $1')} file`;
