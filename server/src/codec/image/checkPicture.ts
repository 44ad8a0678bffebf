import { readPictureSize, requirePicture } from './header.ts';
import { pictureLayout } from './layout.ts';

/** Refuses what is no whole picture, too large a one, or nothing for this model, without decoding it: that is the workers'
 *  part, and would make the frontend as slow as they are.
 *  @param shape  of the input; how large pictures are made for it only the workers know
 *  @throws ServingError "record-undecodable", "input-mismatch" */
export function checkPicture(
  where: string,
  file: Buffer,
  shape: readonly (number | null)[],
  layout = pictureLayout({ shape }),
): void {
  readPictureSize(where, file);
  requirePicture(where, undefined, layout, shape);
}
