import { ServingError } from '../../../../schemas/errors.ts';
import { typedSerde } from '../../../../schemas/redis/redisKeys.ts';
import { decodeBase64 } from '../../codec/base64.ts';
import { decodeArrow } from '../../codec/decodeArrow.ts';
import { decodeImage, type DecodedImage } from '../../codec/image/decodeImage.ts';
import type { ImageDecoder } from '../../codec/image/imageThread.ts';
import { imageLayout } from '../../codec/image/layout.ts';
import { parseInstances } from '../../codec/instances.ts';
import { decodeTypedRecord, isImageFile, isTyped, type ImageFile } from '../../codec/typedForm.ts';
import type { QueuedRecord } from '../../queue/recordQueue.ts';
import { densify } from '../../tensor/densify.ts';
import {
  fitRecord,
  type FitOptions,
  type FittedRecord,
  type InputTensor,
  type LastFits,
} from '../../tensor/fit.ts';
import { isCalled } from '../../tensor/inputNames.ts';
import type { Rows } from '../../tensor/rows.ts';
import type { DenseTensor, RecordInputs, SentTensor } from '../../tensor/tensor.ts';

export interface DecoderOptions extends FitOptions {
  /** Images are resized to this; without it they keep their size. */
  readonly imageResize: { readonly height: number; readonly width: number } | undefined;
  /** Decodes large images elsewhere; without it all are decoded at once. */
  readonly images?: Pick<ImageDecoder, 'decode'>;
  /** Set where the images of records are encrypted, and only these: tensors and strings never are. */
  readonly decrypt?: ((where: string, encrypted: Uint8Array) => Later<Uint8Array>) | undefined;
}

/** What is there at once, or later. */
export type Later<T> = T | Promise<T>;

/** A record as the model wants it. Several instances in one record make one result, with the rows of all. */
export interface DecodedRecord extends Rows {
  /** Records of equal key may share a run. */
  readonly key: string;
  readonly instances: readonly FittedRecord[];
}

/** Makes the function that turns a record's payload into what the model is fed with.
 *  Images become BGR, 0..255, [1, 3, height, width], or [1, height, width, 3] for a model whose last axis is the colour;
 *  sparse tensors become dense ones, since ONNX Runtime takes no others.
 *  The function throws ServingError "record-undecodable", "record-undecryptable" or "input-mismatch", the reason for the dead letter, or its
 *  promise is rejected with it. */
export function createDecoder(options: DecoderOptions): (record: QueuedRecord) => Later<DecodedRecord> {
  const last: LastFits = [];
  const fit = (record: ReadonlyMap<string, InputTensor>) => fitRecord(record, options, last);
  const fitSingle = (record: Later<ReadonlyMap<string, InputTensor>>) =>
    record instanceof Promise ? record.then((known) => single(fit(known))) : single(fit(record));
  return ({ data, serde }) => {
    if (data === undefined) throw new ServingError('record-undecodable', 'The record has no field "data".');
    if (isTyped(data)) return fitSingle(typedTensors(decodeTypedRecord(data), options));
    if (serde === undefined || serde === '') return fitSingle(tensors(decodeArrow(data), options));
    if (serde !== 'stream') throw unknownSerde(serde);
    const records = parseInstances(data).map((instance) => tensors(instance, options));
    const [first] = records;
    if (first && records.length === 1) return fitSingle(first);
    if (records.some((record) => record instanceof Promise))
      return Promise.all(records.map(async (record) => record)).then((known) => several(known.map(fit)));
    return several(records.map((record) => fit(record as ReadonlyMap<string, InputTensor>)));
  };
}

/** A request's inputs once they are checked against the model (`prepare` of the room ask), which spares their encoding. */
export interface CheckedInputs {
  /** As the model is fed with them, where that is known already. */
  readonly share: FittedRecord | undefined;
  /** What the typed form would carry; undefined where it cannot. */
  readonly tensors: ReadonlyMap<string, SentTensor | ImageFile> | undefined;
  /** As they came. */
  readonly inputs: RecordInputs;
}

/** The same for a request that comes without a queue: what its record would have been decoded to. */
export function createInputsDecoder(
  options: DecoderOptions,
): (request: CheckedInputs) => Later<DecodedRecord> {
  const fit = (record: ReadonlyMap<string, InputTensor>) => single(fitRecord(record, options));
  return ({ share, tensors: sent, inputs }) => {
    if (share) return single(share);
    const known = sent ? typedTensors(sent, options) : tensors(inputs, options);
    return known instanceof Promise ? known.then(fit) : fit(known);
  };
}

function unknownSerde(serde: string): ServingError {
  const why =
    serde === typedSerde ? 'and its data is of another form' : `known are "stream" and "${typedSerde}"`;
  return new ServingError('record-undecodable', `The record's field "serde" is "${serde}", ${why}.`);
}

function single(fitted: FittedRecord): DecodedRecord {
  const { rows, strip, key } = fitted;
  return { rows, strip, key, instances: [fitted] };
}

function several(instances: readonly FittedRecord[]): DecodedRecord {
  const key = instances[0]?.key ?? '';
  if (instances.some((instance) => instance.key !== key))
    throw new ServingError(
      'input-mismatch',
      'The instances of one record must have equal shapes; send the others as records of their own.',
    );
  return { rows: instances.reduce((sum, { rows }) => sum + rows, 0), strip: false, key, instances };
}

function tensors(inputs: RecordInputs, options: DecoderOptions): Later<ReadonlyMap<string, InputTensor>> {
  if (areDense(inputs)) return inputs;
  const found = new Map<string, Later<InputTensor>>();
  for (const [name, input] of inputs) {
    if (input.kind === 'dense') found.set(name, input);
    else if (input.kind === 'sparse') found.set(name, densify(name, input));
    else found.set(name, textOrImage(name, input.base64, options));
  }
  return settled(found);
}

/** All inputs, when the last of them is there. */
function settled(inputs: ReadonlyMap<string, Later<InputTensor>>): Later<ReadonlyMap<string, InputTensor>> {
  const waiting = [...inputs.values()].some((input) => input instanceof Promise);
  if (!waiting) return inputs as ReadonlyMap<string, InputTensor>;
  const entries = [...inputs].map(async ([name, input]) => [name, await input] as const);
  return Promise.all(entries).then((known) => new Map(known));
}

function areDense(inputs: RecordInputs): inputs is ReadonlyMap<string, DenseTensor> {
  for (const input of inputs.values()) if (input.kind !== 'dense') return false;
  return true;
}

function typedTensors(
  sent: ReadonlyMap<string, SentTensor | ImageFile>,
  options: DecoderOptions,
): Later<ReadonlyMap<string, InputTensor>> {
  const found = new Map<string, Later<InputTensor>>();
  for (const [name, tensor] of sent)
    found.set(name, isImageFile(tensor) ? image(name, tensor.bytes, options) : tensor);
  return settled(found);
}

/** One string looks like an image; for a model of strings it is what it says. */
function textOrImage(name: string, text: string, options: DecoderOptions): Later<InputTensor> {
  const isText = infoOf(name, options)?.type === 'string';
  return isText ? { type: 'string', shape: [1], data: [text] } : image(name, text, options);
}

function image(name: string, file: string | Uint8Array, options: DecoderOptions): Later<InputTensor> {
  const { decrypt } = options;
  if (!decrypt) return plainImage(name, file, options);
  const where = `the image "${name}"`;
  const decrypted = decrypt(where, typeof file === 'string' ? decodeBase64(file, where) : file);
  if (!(decrypted instanceof Promise)) return plainImage(name, decrypted, options);
  return decrypted.then((plain) => plainImage(name, plain, options));
}

function plainImage(name: string, file: string | Uint8Array, options: DecoderOptions): Later<InputTensor> {
  const info = infoOf(name, options);
  const layout = imageLayout(info);
  const { imageResize, images } = options;
  const decoded = (images ?? { decode: decodeImage }).decode(file, {
    layout,
    ...(imageResize ? { resize: imageResize } : {}),
    ...(info ? { shape: info.shape } : {}),
  });
  const toTensor = ({ height, width, data }: DecodedImage): InputTensor => {
    const shape = layout === 'hwc' ? [1, height, width, 3] : [1, 3, height, width];
    // Its batch axis is there, whatever a model says of its inputs.
    return { type: 'float32', shape, data, origin: 'arrow', isWhole: true };
  };
  return decoded instanceof Promise ? decoded.then(toTensor) : toTensor(decoded);
}

/** A single input may have any name. */
function infoOf(name: string, { inputs }: DecoderOptions): FitOptions['inputs'][number] | undefined {
  return inputs.find((input) => isCalled(input, name)) ?? inputs[0];
}
