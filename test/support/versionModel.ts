import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a model of this kind adds for each number of its version: answers show which version they are of. */
export const perVersion = 1_000;

export interface VersionModel {
  readonly version: number;
  /** Of the one input and output, beside the batch. */
  readonly width?: number;
  readonly input?: string;
  readonly output?: string;
}

/** Writes a model whose output is its input and, added to each number, `perVersion` times its version. It is moved to its place when it
 *  is whole.
 *  @param seal  what is written in place of its bytes, for instance encrypted */
export function writeVersionModel(
  file: string,
  model: VersionModel,
  seal: (plain: Buffer) => Buffer = (plain) => plain,
): void {
  mkdirSync(dirname(file), { recursive: true });
  const part = `${dirname(file)}/.part`;
  writeFileSync(part, seal(versionModel(model)));
  renameSync(part, file);
}

/** @see onnx.proto of ONNX, for the numbers of the fields */
function versionModel({ version, width = 1, input = 'x', output = 'y' }: VersionModel): Buffer {
  const node = message(text(1, input), text(1, 'c'), text(2, output), text(4, 'Add'));
  const raw = Buffer.alloc(4);
  raw.writeFloatLE(version * perVersion);
  const constant = message(varint(1, 1), varint(2, 1), text(8, 'c'), bytes(9, raw));
  const graph = message(
    bytes(1, node),
    text(2, 'version'),
    bytes(5, constant),
    bytes(11, info(input, width)),
    bytes(12, info(output, width)),
  );
  return message(varint(1, 8), bytes(8, message(text(1, ''), varint(2, 13))), bytes(7, graph));
}

function info(name: string, width: number): Buffer {
  const shape = message(bytes(1, text(2, 'batch')), bytes(1, varint(1, width)));
  const tensor = message(varint(1, 1), bytes(2, shape));
  return message(text(1, name), bytes(2, bytes(1, tensor)));
}

function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

function varint(field: number, value: number): Buffer {
  return Buffer.concat([digits(field << 3), digits(value)]);
}

function bytes(field: number, content: Buffer): Buffer {
  return Buffer.concat([digits((field << 3) | 2), digits(content.length), content]);
}

function text(field: number, content: string): Buffer {
  return bytes(field, Buffer.from(content));
}

/** Seven bits a byte, the last first. */
function digits(value: number): Buffer {
  const all: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    all.push((rest % 128) | (rest >= 128 ? 128 : 0));
    if (rest < 128) return Buffer.from(all);
  }
}
