import type { ImageSize } from '../../../../schemas/config/configKey.ts';
import { refuse, shown, type Reading } from './reading.ts';

/** The largest side that a JPEG can have. */
const maxPixels = 65_535;

/** `height,width`, blanks around the numbers allowed. */
export function readImageSize(text: string): Reading<ImageSize> {
  const [height = 0, width = 0] = (/^\s*(\d{1,9})\s*,\s*(\d{1,9})\s*$/.exec(text) ?? []).slice(1).map(Number);
  if (isSize(height, width)) return { value: { height, width } };
  const meant = (/^\D*(\d{1,5})\D+(\d{1,5})\D*$/.exec(text) ?? []).slice(1).map(Number);
  const replacement = isSize(meant[0], meant[1]) ? meant.join(',') : undefined;
  return refuse(
    'bad-image-resize',
    `height,width in pixels is wanted here, such as 224,224, not ${shown(text)}.`,
    replacement === undefined || /-|\./.test(text) ? undefined : { replacement },
  );
}

function isSize(...sides: readonly (number | undefined)[]): boolean {
  return sides.every((side = 0) => side >= 1 && side <= maxPixels);
}
