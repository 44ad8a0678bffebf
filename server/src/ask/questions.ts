import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { imageEndings } from '../../../schemas/imageFormats.ts';
import { ServingError, whyUnreadable } from '../../../schemas/errors.ts';
import { anyInputName } from '../../../schemas/redis/queueReports.ts';
import { parseInstances } from '../codec/instances.ts';
import { readNpy } from '../codec/npy.ts';
import type { RecordInputs } from '../tensor/tensor.ts';

/** A record to be predicted. */
export interface Question {
  /** For people: the file it came from, with its place in it. */
  readonly name: string;
  readonly uri: string;
  readonly inputs: RecordInputs;
}

/** The records in a file: an image, an array of NumPy, or JSON instances.
 *  @param file  a path, or a descriptor of JSON with the name to call it by
 *  @param input  the name of the input that an image or an array goes to
 *  @throws ServingError "wrong-use" if it cannot be read or is of no known kind, "record-undecodable"; both name the file */
export function readQuestions(
  file: string | { readonly descriptor: number; readonly shown: string; readonly name: string },
  input = anyInputName,
): Question[] {
  const isPath = typeof file === 'string';
  const shown = isPath ? file : file.shown;
  const name = isPath ? basename(file) : file.name;
  let bytes: Buffer;
  try {
    bytes = readFileSync(isPath ? file : file.descriptor);
  } catch (error) {
    throw new ServingError('wrong-use', `${shown} cannot be read: ${whyUnreadable(error)}.`, {
      cause: error,
    });
  }
  const kind = isPath ? extname(file).toLowerCase() : '.json';
  try {
    return questionsOf(kind, bytes, name, input, shown);
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    throw error.message.startsWith(shown)
      ? error
      : new ServingError(error.code, `${shown}: ${error.message}`);
  }
}

function questionsOf(kind: string, bytes: Buffer, name: string, input: string, shown: string): Question[] {
  switch (kind) {
    case '.json':
      return instanceQuestions(bytes.toString('utf8'), name);
    case '.npy':
      return [{ name, uri: randomUUID(), inputs: new Map([[input, readNpy(bytes)]]) }];
    default: {
      if (!imageEndings.includes(kind))
        throw new ServingError(
          'wrong-use',
          `${shown}: known are ${imageEndings.join(', ')}, .json and .npy files.`,
        );
      const image = { kind: 'image', base64: bytes.toString('base64') } as const;
      return [{ name, uri: randomUUID(), inputs: new Map([[input, image]]) }];
    }
  }
}

/** The records of `{"instances": [...]}`. @throws ServingError "record-undecodable" */
export function instanceQuestions(text: string, name: string): Question[] {
  const instances = parseInstances(text);
  return instances.map((inputs, i) => ({
    name: instances.length > 1 ? `${name}[${i}]` : name,
    uri: randomUUID(),
    inputs,
  }));
}
