/** One part of a multipart form. */
export interface FormPart {
  readonly name: string;
  /** Undefined for a plain field. */
  readonly fileName: string | undefined;
  readonly bytes: Buffer;
}

const lineEnd = Buffer.from('\r\n');
const headEnd = Buffer.from('\r\n\r\n');
const maxParts = 1_000;

/** Cuts a multipart body into its parts, without copying them.
 *  @param type  the Content-Type of the request, which names the boundary
 *  @returns undefined when the body is not such a form
 *  @see RFC 7578 */
export function readForm(type: string, body: Buffer): readonly FormPart[] | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;]{1,70}))/i.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`--${boundary}`);
  const parts: FormPart[] = [];
  let at = body.indexOf(delimiter);
  while (at >= 0 && parts.length < maxParts) {
    at += delimiter.length;
    if (body.toString('latin1', at, at + 2) === '--') return parts;
    const end = body.indexOf(Buffer.concat([lineEnd, delimiter]), at);
    const part = end < 0 ? undefined : readPart(body.subarray(at, end));
    if (!part) return undefined;
    parts.push(part);
    at = end + lineEnd.length;
  }
  return undefined;
}

function readPart(text: Buffer): FormPart | undefined {
  const split = text.indexOf(headEnd);
  if (split < 0) return undefined;
  const head = text.toString('utf8', 0, split);
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? '';
  const name = parameter(disposition, 'name');
  if (name === undefined) return undefined;
  return { name, fileName: parameter(disposition, 'filename'), bytes: text.subarray(split + headEnd.length) };
}

function parameter(disposition: string, name: string): string | undefined {
  const [, quoted, plain] = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\s]*))`, 'i').exec(disposition) ?? [];
  return quoted ?? plain;
}
