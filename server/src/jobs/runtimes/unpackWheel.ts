import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';

/** A wheel is a zip with a list of its files, their digests and sizes. */
const recordName = /^[^/]+\.dist-info\/RECORD$/;
const licenceName = /^[^/]+\.dist-info\/(?:licenses\/.+|LICENSE.*)$/;
/** No list of files is larger. */
const maxRecordBytes = 4 * 1024 * 1024;

export interface Unpacked {
  readonly files: readonly string[];
  readonly bytes: number;
}

/** Unpacks the wanted files of a wheel, and its licences, flat into a folder. Every file is compared with its digest in the
 *  wheel's list. @param wanted  matches names without their folders
 *  @throws ServingError "runtime-install-failed" */
export async function unpackWheel(wheel: string, wanted: RegExp, folder: string): Promise<Unpacked> {
  try {
    mkdirSync(folder, { recursive: true });
    const zip = await yauzl.openPromise(wheel, { lazyEntries: true, autoClose: false });
    try {
      return await unpack(zip, wanted, folder);
    } finally {
      zip.close();
    }
  } catch (error) {
    if (error instanceof ServingError) throw error;
    throw failed(`${wheel} cannot be unpacked: ${messageOf(error)}`, error);
  }
}

async function unpack(zip: ZipFile, wanted: RegExp, folder: string): Promise<Unpacked> {
  const entries = await entriesOf(zip);
  const record = entries.find(({ fileName }) => recordName.test(fileName));
  if (!record || record.uncompressedSize > maxRecordBytes)
    throw failed('it has no list of its files, so it is no wheel');
  const digests = parseRecord(await textOf(await open(zip, record)));
  const files: string[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const { fileName } = entry;
    const name = basename(fileName);
    if (fileName.endsWith('/') || !(wanted.test(name) || licenceName.test(fileName))) continue;
    const digest = digests.get(fileName);
    if (digest === undefined) throw failed(`its list does not name ${fileName}`);
    // Only the last part of a name is used: whatever a wheel says, nothing is written outside the folder.
    const target = join(folder, wanted.test(name) ? name : `LICENCE-${files.length}-${name}`);
    if ((await write(await open(zip, entry), target)) !== digest)
      throw failed(`${fileName} is not what its list says: the file is damaged`);
    files.push(name);
    bytes += entry.uncompressedSize;
  }
  if (!files.some((name) => wanted.test(name)))
    throw failed('it holds none of the libraries that are needed');
  return { files, bytes };
}

async function entriesOf(zip: ZipFile): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  await new Promise<void>((resolve, reject) => {
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.once('end', resolve);
    zip.once('error', reject);
    zip.readEntry();
  });
  return entries;
}

function open(zip: ZipFile, entry: Entry): Promise<Readable> {
  return zip.openReadStreamPromise(entry);
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** @returns the digest of what was written, as wheels write it */
async function write(stream: Readable, target: string): Promise<string> {
  const hash = createHash('sha256');
  stream.on('data', (chunk: Buffer) => hash.update(chunk));
  await pipeline(stream, createWriteStream(target, { mode: 0o755 }));
  return hash.digest('base64url');
}

/** Lines of `path,sha256=digest,size`; names with a comma are quoted, and no library has one. */
function parseRecord(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line): [string, string][] => {
      const match = /^([^,"]+),sha256=([\w-]+),/.exec(line);
      return match ? [[match[1] as string, match[2] as string]] : [];
    }),
  );
}

function failed(why: string, cause?: unknown): ServingError {
  return new ServingError('runtime-install-failed', `The wheel could not be unpacked: ${why}.`, { cause });
}
