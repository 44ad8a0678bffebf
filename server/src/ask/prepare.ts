import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { decodeBase64 } from '../codec/base64.ts';
import type { ImageFile } from '../codec/typedForm.ts';
import { densify } from '../tensor/densify.ts';
import { fitInput, fitRecord, requireInputs, type FitOptions, type InputTensor } from '../tensor/fit.ts';
import { isCalled, openInputs } from '../tensor/inputNames.ts';
import {
  elementCount,
  type ImageInput,
  type RecordInput,
  type RecordInputs,
  type SentTensor,
  type Tensor,
} from '../tensor/tensor.ts';
import { checkImage } from '../codec/image/checkImage.ts';
import { encryptedFile, type EncryptImage } from './encryptImages.ts';
import { imageLayout } from '../codec/image/layout.ts';
import type { ModelOfJob } from '../queue/registry/jobReports.ts';
import { shareOf, type Share } from './shares.ts';

/** What the job's workers say of their model. */
export type ModelFacts = ModelOfJob;

/** A record that fits the model. */
export interface Prepared {
  /** By name, in the model's element types and the shapes that were sent; undefined where the typed form cannot carry the
   *  record: then it goes as it came. */
  readonly tensors: ReadonlyMap<string, SentTensor | ImageFile> | undefined;
  readonly inputs: RecordInputs;
  /** How it may share a record with others; undefined if it may not. */
  readonly share: Share | undefined;
}

/** Sparse tensors are written out up to this many elements. */
const maxWrittenOut = 1024 * 1024;

/** Makes of a record what the model takes, by the rule that the engine fits records with, so that its sender learns at once
 *  what is wrong. What only the workers can know, such as whether an image fits after its resize, is left to them.
 *  @param where  names the record, such as `instances[0]`
 *  @param encrypt  encrypts the images for the job, where it takes them encrypted only
 *  @throws ServingError "input-mismatch" or "record-undecodable", naming the input and the position */
export function prepare(
  where: string,
  record: RecordInputs,
  facts: ModelFacts,
  encrypt?: EncryptImage,
): Prepared {
  const model = facts.inputs.length > 0 ? facts : { ...facts, inputs: openInputs(record.keys()) };
  const placeOf = (name: string) => `${where}.${name}`;
  const options = { inputs: model.inputs, batched: model.batched, inputAlreadyBatched: false };
  requireInputs([...record.keys()], model.inputs, placeOf);
  const known = new Map<string, InputTensor>();
  const later = new Map<string, RecordInput>();
  for (const [name, input] of record) {
    const tensor = tensorOf(placeOf(name), input, infoOf(name, model));
    if (tensor) known.set(name, tensor);
    else later.set(name, input);
  }
  if (later.size === 0) {
    const fitted = fitRecord(known, options, [], placeOf);
    const tensors = new Map<string, SentTensor>();
    for (const [name, { shape, isWhole }] of known) {
      const part = partOf(name, model);
      const { type, data } = fitted.parts[part] as Tensor;
      // Where the model says its rank, the shape itself says whether it has the batch axis.
      const { shape: wanted, openRank } = model.inputs[part] as TensorInfo;
      const isOpen = isWhole === true && wanted.length === 0 && openRank !== false;
      tensors.set(name, { type, shape, data, ...(isOpen ? { isWhole } : {}) });
    }
    return { tensors, inputs: asInputs(record, tensors), share: shareOf(fitted, model) };
  }
  return withImages(placeOf, record, model, { known, later, options, encrypt });
}

interface Sorted {
  readonly known: ReadonlyMap<string, InputTensor>;
  readonly later: ReadonlyMap<string, RecordInput>;
  readonly options: FitOptions;
  readonly encrypt: EncryptImage | undefined;
}

function withImages(
  placeOf: (name: string) => string,
  record: RecordInputs,
  model: ModelFacts,
  { known, later, options, encrypt }: Sorted,
): Prepared {
  const tensors = new Map<string, Tensor | ImageFile>();
  const inputs = new Map<string, RecordInput>();
  let areAll = true;
  for (const name of record.keys()) {
    const tensor = known.get(name);
    const input = later.get(name);
    if (tensor) tensors.set(name, fitInput(tensor, infoOf(name, model), options, placeOf(name)));
    else if (input?.kind === 'image') {
      const file = imageFile(placeOf(name), input, infoOf(name, model), encrypt);
      tensors.set(name, file);
      if (encrypt) inputs.set(name, { kind: 'image', base64: Buffer.from(file.bytes).toString('base64') });
    } else areAll = false;
  }
  return {
    tensors: areAll ? tensors : undefined,
    inputs: inputs.size === 0 ? record : new Map([...record, ...inputs]),
    share: undefined,
  };
}

/** A file that was looked into, but not decoded. */
function imageFile(
  place: string,
  input: ImageInput,
  info: TensorInfo,
  encrypt: EncryptImage | undefined,
): ImageFile {
  const check = (file: Buffer) => checkImage(place, file, info.shape, imageLayout(info));
  if (encrypt) return { kind: 'imageFile', bytes: encryptedFile(place, input, encrypt, check) };
  const bytes = decodeBase64(input.base64, place);
  check(bytes);
  return { kind: 'imageFile', bytes };
}

/** undefined for what is fitted by the workers: images, and sparse tensors that are large when they are written out. */
function tensorOf(place: string, input: RecordInput, info: TensorInfo): InputTensor | undefined {
  if (input.kind === 'dense') return input;
  if (input.kind === 'sparse')
    return (elementCount(input.shape) ?? Infinity) <= maxWrittenOut ? densify(place, input) : undefined;
  // One string looks like an image; for a model of strings it is what it says.
  return info.type === 'string' ? { type: 'string', shape: [1], data: [input.base64] } : undefined;
}

/** A single input may have any name, as with the original. */
function partOf(name: string, { inputs }: ModelFacts): number {
  return inputs.length === 1 ? 0 : inputs.findIndex((input) => isCalled(input, name));
}

function infoOf(name: string, model: ModelFacts): TensorInfo {
  return model.inputs[partOf(name, model)] as TensorInfo;
}

/** The fitted tensors in the words of the original's form, which keeps sparse ones as they came. */
function asInputs(record: RecordInputs, tensors: ReadonlyMap<string, Tensor>): RecordInputs {
  const inputs = new Map<string, RecordInput>();
  for (const [name, input] of record) {
    const tensor = tensors.get(name);
    if (input.kind !== 'dense' || !tensor) inputs.set(name, input);
    else inputs.set(name, { kind: 'dense', ...tensor });
  }
  return inputs;
}
