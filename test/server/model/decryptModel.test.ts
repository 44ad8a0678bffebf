import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { deriveKeys, type Keys } from '../../../server/src/encryption/deriveKeys.ts';
import { encryptModelFile } from '../../../server/src/encryption/modelCipher.ts';
import { decryptModel, readEncrypted } from '../../../server/src/model/decryptModel.ts';
import type { ModelContent, ModelSource } from '../../../server/src/model/session.ts';
import { otherPair, pair } from '../encryption/vectors.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const onnx = readFileSync(join(fixtures, 'models/mlp/mlp.onnx'));
const irFolder = join(fixtures, 'runtimes/ir');
const irFile = (ending: string) =>
  readFileSync(join(irFolder, readdirSync(irFolder).find((name) => name.endsWith(ending)) as string));
const xml = irFile('.xml');
const bin = irFile('.bin');

let keys: Keys;
let otherKeys: Keys;

beforeAll(async () => {
  keys = await deriveKeys(pair);
  otherKeys = await deriveKeys(otherPair);
});

const onnxSource: ModelSource = { type: 'onnx', file: '/models/a/net.onnx' };
const irSource: ModelSource = { type: 'openvino', file: '/models/a/net.xml', weights: '/models/a/net.bin' };

async function codeOf(source: ModelSource, encrypted: ModelContent, by = keys): Promise<unknown> {
  return decryptModel(source, encrypted, by).then(
    () => 'decrypted',
    (error: unknown) => error,
  );
}

describe('an encrypted model', () => {
  test.each([256, 128] as const)('of OpenVINO comes back whole with a key of %i bits', async (bits) => {
    const encrypted = { file: encryptModelFile(xml, keys, bits), weights: encryptModelFile(bin, keys, bits) };
    const { content, file } = await decryptModel(irSource, encrypted, keys);
    expect(file).toBe(irSource.file);
    expect(xml.equals(content?.file as Buffer) && bin.equals(content?.weights as Buffer)).toBe(true);
  });

  test('of ONNX comes back whole', async () => {
    const { content } = await decryptModel(onnxSource, { file: encryptModelFile(onnx, keys) }, keys);
    expect(onnx.equals(content?.file as Buffer)).toBe(true);
    expect(content?.weights).toBe(undefined);
  });

  test('that lies among the fixtures is the plain one there', async () => {
    const file = readFileSync(join(fixtures, 'encrypted/echo.onnx'));
    const { content } = await decryptModel(onnxSource, { file }, keys);
    expect(content?.file).toEqual(readFileSync(join(fixtures, 'models/echo/echo.onnx')));
  });

  test('without constants may have weights that are empty, encrypted or not', async () => {
    const net = Buffer.from('<?xml version="1.0"?><net name="n" version="11"></net>');
    const file = encryptModelFile(net, keys);
    for (const weights of [Buffer.alloc(0), encryptModelFile(Buffer.alloc(0), keys)]) {
      const { content } = await decryptModel(irSource, { file, weights }, keys);
      expect(content?.weights).toEqual(Buffer.alloc(0));
    }
  });

  test('may begin with the mark of UTF-8', async () => {
    const net = Buffer.from('\ufeff<?xml version="1.0"?><net name="n" version="11"></net>');
    expect(await codeOf(irSource, { file: encryptModelFile(net, keys), weights: Buffer.alloc(0) })).toBe(
      'decrypted',
    );
  });
});

describe('what does not come out as a model', () => {
  test('is the secret where another one was used, and the file is named', async () => {
    const file = encryptModelFile(onnx, keys);
    expect(await codeOf(onnxSource, { file }, otherKeys)).toMatchObject({
      code: 'model-secret-wrong',
      message: expect.stringContaining(onnxSource.file) as string,
    });
    const mixed = { file: encryptModelFile(xml, keys), weights: encryptModelFile(bin, otherKeys) };
    expect(await codeOf(irSource, mixed)).toMatchObject({
      code: 'model-secret-wrong',
      message: expect.stringContaining('net.bin') as string,
    });
  });

  test('is the secret where the definition of OpenVINO is no XML', async () => {
    const file = encryptModelFile(Buffer.from('not what a right key makes of it'), keys);
    expect(await codeOf(irSource, { file, weights: Buffer.alloc(0) })).toMatchObject({
      code: 'model-secret-wrong',
    });
  });

  test('is damage where the right secret shows what is no whole model', async () => {
    const cut = encryptModelFile(onnx.subarray(0, onnx.length - 100), keys);
    expect(await codeOf(onnxSource, { file: cut })).toMatchObject({
      code: 'model-damaged',
      message: expect.stringMatching(/^Decrypted, .*cut off/) as string,
    });
    const short = { file: encryptModelFile(xml, keys), weights: encryptModelFile(bin.subarray(0, 8), keys) };
    expect(await codeOf(irSource, short)).toMatchObject({ code: 'model-damaged' });
  });

  test('is damage where a file is not encrypted at all', async () => {
    expect(await codeOf(onnxSource, { file: onnx })).toMatchObject({ code: 'model-damaged' });
    const half = { file: encryptModelFile(xml, keys), weights: bin };
    expect(await codeOf(irSource, half)).toMatchObject({
      code: 'model-damaged',
      message: expect.stringContaining('net.bin is not encrypted') as string,
    });
  });

  test('is refused where the model keeps weights in other files', async () => {
    const external = Buffer.concat([onnx, Buffer.from('\n\x08location\x12\x03w.b', 'latin1')]);
    expect(await codeOf(onnxSource, { file: encryptModelFile(external, keys) })).toMatchObject({
      code: 'model-unsupported',
    });
  });
});

test('the files are read as they stand, and one that has gone is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'encrypted-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const source: ModelSource = {
    type: 'openvino',
    file: join(folder, 'a.xml'),
    weights: join(folder, 'a.bin'),
  };
  writeFileSync(source.file, 'text');
  await expect(readEncrypted(source)).rejects.toMatchObject({
    code: 'model-missing',
    message: expect.stringContaining('a.bin') as string,
  });
  writeFileSync(source.weights as string, 'more');
  expect(await readEncrypted(source)).toEqual({ file: Buffer.from('text'), weights: Buffer.from('more') });
});
