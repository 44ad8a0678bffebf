import { createReadStream, existsSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { ServingError } from '../../../../../schemas/errors.ts';
import { externalMarker as marker } from '../../../model/recognise/externalMarker.ts';

/** The files beside an ONNX model that hold weights of it, relative to its folder; none for most models.
 *  The entries are looked for as bytes: a parser would hold gigabytes of weights to find some names.
 *  @throws ServingError "model-missing", or "model-unsupported" for a file outside the model's folder */
export async function externalData(model: string): Promise<readonly string[]> {
  const names = new Set<string>();
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(model) as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    let at = rest.indexOf(marker);
    for (; at >= 0; at = rest.indexOf(marker, at + 1)) {
      const name = textAt(rest, at + marker.length);
      if (name === undefined) break;
      names.add(name);
    }
    // An entry may begin in one chunk and end in the next.
    rest = rest.subarray(at >= 0 ? at : Math.max(0, rest.length - marker.length));
  }
  for (const name of names) requireFile(model, name);
  return [...names];
}

/** @returns undefined when more bytes are needed */
function textAt(bytes: Buffer, at: number): string | undefined {
  const [low = 0, high = 0] = bytes.subarray(at, at + 2);
  const isLong = low >= 0x80;
  const start = at + (isLong ? 2 : 1);
  const end = start + (isLong ? (low & 0x7f) + high * 0x80 : low);
  return end > bytes.length || start > bytes.length ? undefined : bytes.toString('utf8', start, end);
}

function requireFile(model: string, name: string): void {
  if (isAbsolute(name) || normalize(name).startsWith(`..${sep}`))
    throw new ServingError(
      'model-unsupported',
      `modelPath: ${model} keeps weights in ${name}, which is outside its folder. Save the model with its weights beside it.`,
    );
  if (!existsSync(join(dirname(model), name)))
    throw new ServingError(
      'model-missing',
      `modelPath: ${model} keeps weights in ${name}, which is not there. Copy it beside the model.`,
    );
}
