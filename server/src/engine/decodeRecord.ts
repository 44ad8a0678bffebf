import { ServingError } from '../../../schemas/errors.ts';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { decodeArrow } from '../codec/decodeArrow.ts';
import { densify } from '../codec/densify.ts';
import { decodeImage } from '../codec/image/decodeImage.ts';
import { pictureLayout } from '../codec/image/layout.ts';
import { parseInstances } from '../codec/instances.ts';
import { joinNumbers } from '../codec/rows.ts';
import type { DenseTensor, ImageInput, RecordInputs } from '../codec/tensor.ts';
import type { QueuedRecord } from '../queue/recordQueue.ts';
import {
  fitInputs,
  type FitOptions,
  type FittedRecord,
  type InputTensor,
  type LastFits,
} from './fitInputs.ts';

export interface DecoderOptions extends FitOptions {
  /** Pictures are resized to this; without it they keep their size. */
  readonly imageResize: { readonly height: number; readonly width: number } | undefined;
}

/** Makes the function that turns a record's payload into what the model is fed with.
 *  Pictures become BGR, 0..255, [1, 3, height, width], or [1, height, width, 3] for a model whose last axis is the colour;
 *  sparse tensors become dense ones, since ONNX Runtime takes no others.
 *  The function throws ServingError "record-undecodable" or "input-mismatch", the reason for the dead letter. */
export function createDecoder(options: DecoderOptions): (record: QueuedRecord) => FittedRecord {
  const last: LastFits = [];
  const fit = (record: ReadonlyMap<string, InputTensor>) => fitInputs(record, options, last);
  return ({ data, serde }) => {
    if (data === undefined) throw new ServingError('record-undecodable', 'The record has no field "data".');
    if (serde === undefined || serde === '') return fit(tensors(decodeArrow(data), options));
    if (serde !== 'stream')
      throw new ServingError(
        'record-undecodable',
        `The record's field "serde" is "${serde}"; known is "stream".`,
      );
    const instances = parseInstances(data).map((instance) => fit(tensors(instance, options)));
    const [first] = instances;
    if (first && instances.length === 1) return first;
    return joinInstances(instances);
  };
}

function tensors(inputs: RecordInputs, options: DecoderOptions): ReadonlyMap<string, InputTensor> {
  if (areDense(inputs)) return inputs;
  const found = new Map<string, InputTensor>();
  for (const [name, input] of inputs) {
    if (input.kind === 'dense') found.set(name, input);
    else if (input.kind === 'sparse') found.set(name, densify(name, input));
    else found.set(name, picture(name, input, options));
  }
  return found;
}

function areDense(inputs: RecordInputs): inputs is ReadonlyMap<string, DenseTensor> {
  for (const input of inputs.values()) if (input.kind !== 'dense') return false;
  return true;
}

function picture(name: string, { base64 }: ImageInput, { inputs, imageResize }: DecoderOptions): InputTensor {
  const info = inputs.find((input) => input.name === name) ?? inputs[0];
  // One string looks like a picture; for a model of strings it is what it says.
  if (info?.type === 'string') return { shape: [1], data: [base64] };
  const layout = pictureLayout(info);
  const { height, width, data } = decodeImage(
    base64,
    imageResize ? { layout, resize: imageResize } : { layout },
  );
  requireSize({ height, width }, info, layout, imageResize !== undefined);
  return { shape: layout === 'hwc' ? [1, height, width, 3] : [1, 3, height, width], data };
}

/** A picture of another size than the model takes: what to do is not in the shapes. */
function requireSize(
  size: { readonly height: number; readonly width: number },
  info: TensorInfo | undefined,
  layout: 'chw' | 'hwc',
  isResized: boolean,
): void {
  if (info?.shape.length !== 4) return;
  const [height, width] = layout === 'hwc' ? info.shape.slice(1, 3) : info.shape.slice(2, 4);
  const fits = (wanted: number | null | undefined, given: number) => (wanted ?? given) === given;
  if (fits(height, size.height) && fits(width, size.width)) return;
  const wanted = `${height ?? size.height},${width ?? size.width}`;
  throw new ServingError(
    'input-mismatch',
    `${isResized ? 'imageResize makes the picture' : 'The picture is'} ${size.height},${size.width} (height,width), and "${info.name}" takes ${wanted}. Set imageResize: ${wanted} in the config.`,
  );
}

/** Several instances in one record make one result with a row for each. */
function joinInstances(instances: readonly FittedRecord[]): FittedRecord {
  const [first] = instances;
  if (!first || instances.some(({ key }) => key !== first.key))
    throw new ServingError(
      'input-mismatch',
      'The instances of one record must have equal shapes; send the others as records of their own.',
    );
  return {
    rows: instances.reduce((sum, { rows }) => sum + rows, 0),
    strip: false,
    key: first.key,
    parts: first.parts.map((part, i) => {
      const pieces = instances.map(({ parts }) => parts[i]?.data ?? []);
      if (Array.isArray(part.data)) return { ...part, data: pieces.flatMap((piece) => piece as string[]) };
      return { ...part, data: joinNumbers(pieces as Float32Array[]) };
    }),
  };
}
