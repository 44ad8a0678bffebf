import { messageOf } from '../../../schemas/errors.ts';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { beginning } from '../../../schemas/printable.ts';
import type { InputPreview } from '../../../schemas/redis/queueReports.ts';
import { decodeBase64 } from '../codec/base64.ts';
import { decodeImage, decodePixels } from '../codec/image/decodeImage.ts';
import { encodePng } from '../codec/image/encodePng.ts';
import { imageLayout } from '../codec/image/layout.ts';
import { formatOf } from '../codec/image/formats.ts';
import type { Pixels } from '../codec/image/pixels.ts';
import { resize } from '../codec/image/resize.ts';
import type { ElementType, NumericArray } from '../tensor/elementTypes.ts';
import { halfToNumber } from '../tensor/half.ts';
import {
  isStrings,
  type DenseTensor,
  type RecordInput,
  type SparseTensor,
  type StringElement,
} from '../tensor/tensor.ts';
import { statisticsOf } from './statistics.ts';

/** What the engine knows when it decodes, as far as it is known here. */
export interface ModelFacts {
  readonly imageResize?: { readonly height: number; readonly width: number };
  /** The model's inputs. */
  readonly inputs?: readonly TensorInfo[];
}

const shownValues = 16;
const shownCharacters = 500;
/** The longer side of a thumbnail, in pixels. */
const thumbnailSide = 160;

/** Describes one input of a record. What cannot be decoded is described as that, so that its neighbours can be seen.
 *  Images are decoded, resized and laid out as the engine does. */
export function describeInput(name: string, input: RecordInput, model: ModelFacts): InputPreview {
  try {
    if (input.kind !== 'image') return describeTensor(name, input);
    const info = model.inputs?.find((one) => one.name === name) ?? model.inputs?.[0];
    if (info?.type === 'string') return describeTexts(name, [1], [input.base64]);
    return describeImage(name, input.base64, info, model);
  } catch (error) {
    const text = input.kind === 'image' ? { text: cut(input.base64) } : {};
    return { name, kind: 'undecodable', error: messageOf(error), ...text };
  }
}

function describeTensor(name: string, { kind, type, shape, data }: DenseTensor | SparseTensor): InputPreview {
  if (isStrings(data)) return describeTexts(name, shape, data);
  const numbers = numbersOf(type, data);
  const statistics = statisticsOf(numbers);
  return {
    name,
    kind: kind === 'dense' ? 'tensor' : 'sparse',
    dtype: type,
    shape,
    ...(statistics ? { statistics } : {}),
    count: data.length,
    values: Array.from({ length: Math.min(shownValues, data.length) }, (_, i) => exact(data[i], numbers[i])),
  };
}

function numbersOf(type: ElementType, data: NumericArray): Iterable<number> & ArrayLike<number> {
  if (type === 'float16') return Float32Array.from(data as Uint16Array, halfToNumber);
  return data instanceof BigInt64Array || data instanceof BigUint64Array
    ? Float64Array.from(data, Number)
    : data;
}

function exact(value: unknown, number = NaN): number | string {
  return typeof value === 'bigint' && !Number.isSafeInteger(number) ? String(value) : number;
}

/** Bytes that are not UTF-8 in hexadecimal digits: read as a text they would look like another. */
function textOf(element: StringElement): string {
  return typeof element === 'string' ? element : `0x${Buffer.from(element).toString('hex')}`;
}

function describeTexts(
  name: string,
  shape: readonly number[],
  texts: readonly StringElement[],
): InputPreview {
  return {
    name,
    kind: 'text',
    dtype: 'string',
    shape,
    count: texts.length,
    texts: texts.slice(0, shownValues).map((text) => cut(textOf(text))),
  };
}

function cut(text: string): string {
  return text.length > shownCharacters ? `${beginning(text, shownCharacters)}…` : text;
}

function describeImage(
  name: string,
  base64: string,
  info: TensorInfo | undefined,
  { imageResize }: ModelFacts,
): InputPreview {
  const file = decodeBase64(base64, 'the image');
  const pixels = decodePixels(file);
  const layout = imageLayout(info);
  const { height, width, data } = decodeImage(
    file,
    imageResize ? { layout, resize: imageResize } : { layout },
  );
  return {
    name,
    kind: 'image',
    format: formatOf(file)?.name ?? 'png',
    width: pixels.width,
    height: pixels.height,
    bytes: file.length,
    shape: layout === 'hwc' ? [1, height, width, 3] : [1, 3, height, width],
    statistics: statisticsOf(data) ?? { min: 0, max: 0, mean: 0, notFinite: 0 },
    thumbnail: `data:image/png;base64,${encodePng(small(pixels)).toString('base64')}`,
  };
}

function small(pixels: Pixels): Pixels {
  const { height, width } = pixels;
  const scale = Math.min(1, thumbnailSide / Math.max(height, width));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return resize(pixels, { height: side(height), width: side(width) });
}
