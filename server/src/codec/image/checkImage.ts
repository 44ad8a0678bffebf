import { readImageSize, requireImage } from './header.ts';
import { imageLayout } from './layout.ts';

/** Refuses what is no whole image, too large a one, or nothing for this model, without decoding it: that is the workers'
 *  part, and would make the frontend as slow as they are.
 *  @param shape  of the input; how large images are made for it only the workers know
 *  @throws ServingError "record-undecodable", "input-mismatch" */
export function checkImage(
  where: string,
  file: Buffer,
  shape: readonly (number | null)[],
  layout = imageLayout({ shape }),
): void {
  readImageSize(where, file);
  requireImage(where, undefined, layout, shape);
}
