import type { FastifyRequest } from 'fastify';
import { imageTypes } from '../../../../schemas/imageFormats.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import type { RecordInput, RecordInputs } from '../../tensor/tensor.ts';
import type { ModelFacts } from '../../ask/prepare.ts';
import { readForm } from './formData.ts';

/** The name of an image's input while the model is unknown: workers take any name for a single input. */
const anyInput = 'image';

const imageType = new RegExp(`^(image/(${imageTypes.join('|')})|application/octet-stream)\\b`, 'i');

/** Reads a body that is an image, or a form with images; undefined for anything else.
 *  The input is the model's only one, or named by the query `?input=`. In a form, the images of a model with several
 *  inputs are named by their fields and make one instance; for a single input each image is an instance.
 *  @throws ServingError "record-undecodable" */
export function imageInstances(
  request: FastifyRequest,
  body: Buffer,
  model: ModelFacts | undefined,
): readonly RecordInputs[] | undefined {
  const type = request.headers['content-type'] ?? '';
  if (imageType.test(type)) return [new Map([[inputName(request, model), image(body)]])];
  if (!/^multipart\/form-data\b/i.test(type)) return undefined;
  const form = readForm(type, body);
  if (!form) throw new ServingError('record-undecodable', 'The form is cut off, or its boundary is missing.');
  const fields = form.flatMap(({ name, fileName, bytes }): [string, RecordInput][] =>
    fileName === undefined ? [] : [[name, image(bytes)]],
  );
  if (fields.length === 0) throw new ServingError('record-undecodable', 'The form holds no file.');
  const several = (model?.inputs.length ?? 1) > 1;
  if (several) {
    const inputs = new Map(fields);
    if (inputs.size < fields.length)
      throw new ServingError(
        'record-undecodable',
        'The form has two files of one name. Each file is the input of its name, so send one record in a form.',
      );
    return [inputs];
  }
  return fields.map(([, file]) => new Map([[inputName(request, model), file]]));
}

function inputName(request: FastifyRequest, model: ModelFacts | undefined): string {
  const { input } = request.query as Readonly<Record<string, unknown>>;
  return typeof input === 'string' ? input : (model?.inputs[0]?.name ?? anyInput);
}

function image(bytes: Buffer): RecordInput {
  return { kind: 'image', base64: bytes.toString('base64') };
}
