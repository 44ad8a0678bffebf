import { ServingError } from '../../../../schemas/errors.ts';
import { shapeText, undecodable } from '../../tensor/tensor.ts';
import { isTurned } from './exif.ts';
import { formatOf, notAnImage } from './formats.ts';
import { maxPixels, type Size } from './pixels.ts';
import { isAnimated, isWebp } from './webp.ts';

/** Looks at an image without decoding it: what it is, that it has an end, and that it is not too large.
 *  @returns the size of the image once it is upright
 *  @param where  what is named in the error
 *  @throws ServingError "record-undecodable" */
export function readImageSize(where: string, file: Buffer): Size {
  const format = formatOf(file);
  if (!format) throw undecodable(where, notAnImage);
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
