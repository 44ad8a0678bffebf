import type { ImageFormatName } from '../../schemas/imageFormats.ts';
import type { TensorInfo } from '../../schemas/jobEvents.ts';
import { imageLayout } from '../../server/src/codec/image/layout.ts';
import { resize } from '../../server/src/codec/image/resize.ts';

/** The first bytes of a file in each format; 0 stands for any byte. */
const beginnings: Readonly<Record<ImageFormatName, string>> = {
  png: '\x89PNG',
  jpeg: '\xff\xd8\xff',
  webp: 'RIFF\0\0\0\0WEBP',
  bmp: 'BM\0\0\0\0\0\0\0\0',
};

/** The media type of an image by its first bytes, whatever its file is called; undefined for anything else. */
export function imageTypeOf(bytes: Uint8Array): `image/${ImageFormatName}` | undefined {
  const isAs = (beginning: string) =>
    bytes.length > beginning.length &&
    Array.from(beginning).every((char, i) => char === '\0' || char.charCodeAt(0) === bytes[i]);
  const [name] = Object.entries(beginnings).find(([, beginning]) => isAs(beginning)) ?? [];
  return name === undefined ? undefined : `image/${name as ImageFormatName}`;
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** The size in which a model gets its images, where its input has a fixed one. */
export function sizeOfInput(info: TensorInfo | undefined): ImageSize | undefined {
  if (!info || info.shape.length < 3) return undefined;
  const isInnermost = imageLayout(info) === 'hwc';
  const [height, width] = isInnermost ? info.shape.slice(-3, -1) : info.shape.slice(-2);
  return height && width ? { height, width } : undefined;
}

/** Whether a model's input looks like one for images: three axes beside that of the records, one of them the colours. */
export function takesImages(info: TensorInfo | undefined): boolean {
  if (!info || info.type === 'string' || info.shape.length < 3 || info.shape.length > 4) return false;
  const colours = imageLayout(info) === 'hwc' ? info.shape.at(-1) : info.shape.at(-3);
  return colours === 3 || colours === null;
}

/** Pixels as a canvas has them, in another size: by the worker's own rule, bit for bit. */
export function resized(
  { data, width, height }: ImageSize & { readonly data: ArrayLike<number> },
  size: ImageSize,
): Uint8ClampedArray<ArrayBuffer> {
  const bgr = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) bgr[3 * i + c] = data[4 * i + 2 - c] ?? 0;
  const small = resize({ width, height, bgr }, size);
  const rgba = new Uint8ClampedArray(4 * size.width * size.height).fill(255);
  for (let i = 0; i < size.width * size.height; i++)
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = small.bgr[3 * i + 2 - c] ?? 0;
  return rgba;
}
