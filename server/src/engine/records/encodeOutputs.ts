import type { Config } from '../../../../schemas/config/configKeys.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import { applyFilter } from '../../codec/applyFilter.ts';
import { encodeResult } from '../../codec/encodeResult.ts';
import { encodeTypedResult } from '../../codec/typedForm.ts';
import type { Labels } from '../../model/labels.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { toFloat32 } from '../../tensor/toFloat32.ts';

/** @param outputs  with their names where the model does not say those of all
 *  @param typed  whether the client reads the typed form */
export type Encoder = (outputs: readonly NamedOutput[], typed: boolean) => string | Buffer;

type NamedOutput = Tensor & { readonly name?: string };

/** What the client of a request reads: the text of the filter, or the outputs with their names in the model's order. */
export type NamedOutputs = readonly (Tensor & { readonly name: string })[] | string;

/** Makes the function that turns a record's outputs into what its client reads: the text of the filter over the first
 *  output, whatever the form; else the typed form, or the original's, Arrow in base64 with one batch for each output in the
 *  model's order.
 *  @param labels  given where a filter is to name the classes */
export function createEncoder(
  filter: Config['postProcessing'],
  infos: readonly TensorInfo[],
  labels?: Labels,
): Encoder {
  const names = infos.map(({ name }) => name);
  if (filter) return createFilter(filter, infos, labels);
  return (outputs, typed) =>
    typed ? encodeTypedResult(outputs, namesOf(names, outputs)) : encodeResult(outputs);
}

/** The same for a request, whose answer needs no encoding. */
export function createNamer(
  filter: Config['postProcessing'],
  infos: readonly TensorInfo[],
  labels?: Labels,
): (outputs: readonly NamedOutput[]) => NamedOutputs {
  if (filter) return createFilter(filter, infos, labels);
  const names = infos.map(({ name }) => name);
  return (outputs) => {
    const all = namesOf(names, outputs);
    return outputs.map(({ type, shape, data }, i) => ({ name: all[i] ?? `output${i}`, type, shape, data }));
  };
}

/** @param known  as the model says them; none where only its outputs do */
function namesOf(known: readonly string[], outputs: readonly NamedOutput[]): readonly string[] {
  return known.length > 0 ? known : outputs.map(({ name }, i) => name ?? `output${i}`);
}

function createFilter(
  filter: NonNullable<Config['postProcessing']>,
  [info]: readonly TensorInfo[],
  labels?: Labels,
): (outputs: readonly Tensor[]) => string {
  return ([first]) => {
    if (!first) throw new ServingError('model-run-failed', 'The model has no output.');
    const data = toFloat32(first.type, first.data);
    return applyFilter(filter, { shape: first.shape, data }, labels?.get(info?.name ?? ''));
  };
}
