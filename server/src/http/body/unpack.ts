import { createGunzip, createInflate } from 'node:zlib';
import { HttpError } from '../httpError.ts';

export interface UnpackLimits {
  readonly maxBytes: number;
  /** How many times as large as it came a body may become. */
  readonly maxRatio: number;
}

/** The ratio says nothing of a body this small: a tensor of zeros packs well. */
const freeBytes = 1024 * 1024;

/** Undoes the compression of a body, piece by piece, so that neither a small body that was made to fill all memory is
 *  unpacked further than it may, nor other requests wait for a large one.
 *  @param encoding  the header Content-Encoding
 *  @throws HttpError "body-malformed", "body-too-large" */
export async function unpack(
  encoding: string | undefined,
  body: Buffer,
  { maxBytes, maxRatio }: UnpackLimits,
): Promise<Buffer> {
  const kind = encoding?.trim().toLowerCase() ?? 'identity';
  if (kind === 'identity' || kind === '') return body;
  const create =
    kind === 'gzip' || kind === 'x-gzip' ? createGunzip : kind === 'deflate' ? createInflate : undefined;
  if (!create) throw malformed('The Content-Encoding is unknown; gzip and deflate are read.');
  const unpacker = create();
  const pieces: Buffer[] = [];
  let size = 0;
  unpacker.end(body);
  try {
    for await (const piece of unpacker as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size > maxBytes) throw tooLarge('--maxBodyBytes');
      if (size > freeBytes && size > maxRatio * body.length) throw tooLarge('--maxUnpackRatio');
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw malformed(`The body is not what its Content-Encoding, ${kind}, says.`);
  } finally {
    unpacker.destroy();
  }
  return Buffer.concat(pieces, size);
}

function malformed(message: string): HttpError {
  return new HttpError('body-malformed', message);
}

function tooLarge(option: string): HttpError {
  return new HttpError('body-too-large', `The body unpacks to more than ${option} allows.`);
}
