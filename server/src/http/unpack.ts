import { gunzip, inflate } from 'node:zlib';
import { HttpError } from './httpError.ts';

/** Undoes the compression of a body.
 *  @param encoding  the header Content-Encoding
 *  @param maxBytes  a body that unpacks to more is refused: a small one may be made to fill all memory
 *  Calls back with HttpError "body-malformed", "body-too-large" */
export function unpack(
  encoding: string | undefined,
  body: Buffer,
  maxBytes: number,
  done: (error: Error | null, body?: Buffer) => void,
): void {
  const kind = encoding?.trim().toLowerCase() ?? 'identity';
  if (kind === 'identity' || kind === '') {
    done(null, body);
    return;
  }
  const unpacker = kind === 'gzip' || kind === 'x-gzip' ? gunzip : kind === 'deflate' ? inflate : undefined;
  if (!unpacker) {
    done(new HttpError('body-malformed', 'The Content-Encoding is unknown; gzip and deflate are read.'));
    return;
  }
  unpacker(body, { maxOutputLength: maxBytes }, (error, unpacked) => {
    if (!error) done(null, unpacked);
    else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      done(new HttpError('body-too-large', 'The body unpacks to more than --maxBodyBytes allows.'));
    else done(new HttpError('body-malformed', `The body is not what its Content-Encoding, ${kind}, says.`));
  });
}
