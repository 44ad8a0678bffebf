import { ServingError } from '../../../../schemas/errors.ts';
import { shapeText, undecodable } from '../../tensor/tensor.ts';
import { isTurned, jpegOrientation } from './exif.ts';
import { isJpeg } from './jpeg.ts';
import { maxPixels } from './pixels.ts';
import { isPng, pngOrientation } from './png.ts';
import { isAnimated, isWebp, webpOrientation, webpSize } from './webp.ts';

/** A size in pixels, as the image stands once it is upright. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** Looks at an image without decoding it: what it is, that it has an end, and that it is not too large.
 *  @param where  what is named in the error
 *  @throws ServingError "record-undecodable" */
export function readImageSize(where: string, file: Buffer): Size {
  const format = formats.find(({ is }) => is(file));
  if (!format) throw undecodable(where, 'is neither a JPEG, a PNG nor a WEBP file');
  if (isWebp(file) && isAnimated(file))
    throw undecodable(where, 'is an animated WEBP; send one of its images');
  const size = format.size(file);
  if (!size) throw undecodable(where, 'the image is cut off or damaged');
  const { height, width } = size;
  if (height * width > maxPixels)
    throw undecodable(
      where,
      `an image of ${width} x ${height} pixels is too large; ${maxPixels / 1e6} megapixels are read`,
    );
  return isTurned(format.orientation(file)) ? { height: width, width: height } : size;
}

const formats = [
  { is: isPng, size: pngSize, orientation: pngOrientation },
  { is: isJpeg, size: jpegSize, orientation: jpegOrientation },
  { is: isWebp, size: webpSize, orientation: webpOrientation },
] as const;

/** Compares what an image will become with what an input of a model takes.
 *  @param size  after the resize; undefined where that is not known
 *  @param wanted  the shape of the input; a size that is not fixed is null, and no axes at all are anything
 *  @throws ServingError "input-mismatch" */
export function requireImage(
  where: string,
  size: Size | undefined,
  layout: 'chw' | 'hwc',
  wanted: readonly (number | null)[],
): void {
  const shapeOf = (height: number | null, width: number | null) =>
    layout === 'hwc' ? [1, height, width, 3] : [1, 3, height, width];
  const image = shapeOf(size?.height ?? null, size?.width ?? null);
  if (wanted.length === 0 || fits(image, wanted) || fits(image, wanted.slice(1))) return;
  const [height, width] = layout === 'hwc' ? wanted.slice(-3) : wanted.slice(-2);
  // Where an image of any other size would not fit either, the size is not what is wrong.
  const isSizeOnly = size && height && width && fits(shapeOf(height, width), wanted);
  const hint = isSizeOnly ? ` Set imageResize: ${height},${width} in the config.` : '';
  throw new ServingError(
    'input-mismatch',
    `${where}: an image becomes ${shapeText(image)}, and the model wants ${shapeText(wanted)}.${hint}`,
  );
}

/** How many rows there may be is for others to say. */
function fits(image: readonly (number | null)[], wanted: readonly (number | null)[]): boolean {
  return (
    image.length === wanted.length &&
    wanted.every((size, axis) => axis === 0 || size === null || image[axis] === null || size === image[axis])
  );
}

/** The header chunk is always the first. What follows the end chunk does not matter. */
function pngSize(file: Buffer): Size | undefined {
  if (file.length < 33) return undefined;
  for (let at = 8; at + 12 <= file.length; at += 12 + file.readUInt32BE(at))
    if (file.toString('latin1', at + 4, at + 8) === 'IEND')
      return { width: file.readUInt32BE(16), height: file.readUInt32BE(20) };
  return undefined;
}

const endOfImage = Buffer.of(0xff, 0xd9);

/** Looks for the frame header among the segments before the first scan, and for the end behind that. Phones put a film
 *  there, and cameras what they like. */
function jpegSize(file: Buffer): Size | undefined {
  let size: Size | undefined;
  let at = 2;
  while (at + 9 < file.length) {
    if (file[at] !== 0xff) return undefined;
    const marker = file[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) size = { height: file.readUInt16BE(at + 5), width: file.readUInt16BE(at + 7) };
    if (marker === 0xda) return file.includes(endOfImage, at) ? size : undefined;
    at += 2 + file.readUInt16BE(at + 2);
  }
  return undefined;
}
