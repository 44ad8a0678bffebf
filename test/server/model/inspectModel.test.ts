import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { diskFiles } from '../../../server/src/model/recognise/diskFiles.ts';
import { locateModel } from '../../../server/src/model/recognise/locateModel.ts';
import { zipOf } from '../../support/zip.ts';

const fixtures = join(import.meta.dirname, '../../fixtures');
const onnx = readFileSync(join(fixtures, 'models/mlp/mlp.onnx'));

/** A folder with files and folders of these names. */
function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'models-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const lfs = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';

test.each<[what: string, content: string | Buffer, says: RegExp]>([
  ['a pointer of git-lfs', lfs, /git lfs pull/],
  ['a web page', '<!DOCTYPE html>\n<html><body>Sign in</body></html>', /web page/],
  ['a web page of another spelling', '\n <HTML lang="en">', /web page/],
  ['compressed', gzipSync(onnx), /gunzip/],
  ['a zip', zipOf({ 'a.onnx': 'x' }), /zip archive/],
  ['empty', '', /empty/],
  ['cut off', onnx.subarray(0, onnx.length - 100), /cut off/],
  ['cut off within its graph', onnx.subarray(0, 3_000), /cut off/],
  ['text', 'hello, this is no model at all', /no ONNX model/],
  ['damaged at its end', Buffer.concat([onnx, Buffer.from('\xff\xff\xff', 'latin1')]), /damaged/],
])('an .onnx file that is %s is said to be so', async (_, content, says) => {
  const folder = folderOf({ 'net.onnx': content });
  expect(await locateModel(folder, diskFiles)).toEqual({
    code: 'model-damaged',
    message: expect.stringMatching(says) as string,
  });
});

test('the version that is too new is named with the newest that is read', async () => {
  const newer = (from: string, to: string) =>
    Buffer.from(onnx.toString('latin1').replace(from, to), 'latin1');
  // An import of operators 17 without a domain, and the version of the format.
  const opset = folderOf({ 'net.onnx': newer('\x42\x04\x0a\x00\x10\x11', '\x42\x04\x0a\x00\x10\x63') });
  expect(await locateModel(opset, diskFiles)).toMatchObject({
    message: expect.stringMatching(/opset 99.*up to 26.*opset_version=26/) as string,
  });
  const ir = folderOf({ 'net.onnx': newer('\x08\x08', '\x08\x63') });
  expect(await locateModel(ir, diskFiles)).toMatchObject({
    message: expect.stringMatching(/IR version 99.*up to 13/) as string,
  });
});

test.each(['ir', 'irHalf', 'savedModel', 'frozen', 'tflite', 'echoTypes'])(
  'nothing is said against the sound model "%s"',
  async (name) => {
    expect(await locateModel(join(fixtures, 'runtimes', name), diskFiles)).toHaveProperty('type');
  },
);

test.each<[file: string, says: RegExp]>([
  ['ir/ir.bin', /shorter than the 252 bytes/],
  ['ir/ir.xml', /ir\.xml is cut off/],
  ['savedModel/saved_model.pb', /cut off/],
  ['frozen/frozen_inference_graph.pb', /cut off/],
])('%s that was cut off is said to be so', async (file, says) => {
  const folder = folderOf({});
  const [model = '', name = ''] = file.split('/');
  cpSync(join(fixtures, 'runtimes', model), folder, { recursive: true });
  const path = join(folder, name);
  truncateSync(path, readFileSync(path).length - 20);
  expect(await locateModel(folder, diskFiles)).toEqual({
    code: 'model-damaged',
    message: expect.stringMatching(says) as string,
  });
});

test.each([
  ['net.tflite', 'x'.repeat(100)],
  ['saved_model.pb', 'no protobuf'],
  ['net.pb', '\x12\x00'],
])('%s of another content is no model', async (name, content) => {
  expect(await locateModel(folderOf({ [name]: content }), diskFiles)).toMatchObject({
    code: 'model-damaged',
  });
});

test('a file that may not be read is named', async () => {
  const folder = folderOf({ 'net.onnx': onnx });
  chmodSync(join(folder, 'net.onnx'), 0);
  const located = await locateModel(folder, {
    ...diskFiles,
    // Root reads everything.
    bytes: () => Promise.resolve(undefined),
  });
  expect(located).toMatchObject({
    code: 'model-damaged',
    message: expect.stringContaining('cannot be read') as string,
  });
});

test('the newest of numbered versions is taken, and said', async () => {
  const folder = folderOf({
    'config.pbtxt': '',
    '2/net.onnx': onnx,
    '10/net.onnx': onnx,
    'readme/a.onnx': onnx,
  });
  expect(await locateModel(folder, diskFiles)).toEqual({
    type: 'onnx',
    file: 'net.onnx',
    folder: join(folder, '10'),
    version: '10',
    versions: ['2', '10'],
    note: `${folder} holds the versions 2, 10: 10, the newest, is served`,
  });
  const one = folderOf({ '1/net.onnx': onnx });
  expect(await locateModel(one, diskFiles)).toEqual({
    type: 'onnx',
    file: 'net.onnx',
    folder: join(one, '1'),
    version: '1',
    versions: ['1'],
  });
});

test('one of numbered versions may be named, and one that is not there is said', async () => {
  const folder = folderOf({ '2/net.onnx': onnx, '010/net.onnx': onnx });
  expect(await locateModel(folder, diskFiles, { version: 2 })).toMatchObject({
    folder: join(folder, '2'),
    version: '2',
  });
  expect(await locateModel(folder, diskFiles, { version: 10 })).toMatchObject({
    folder: join(folder, '010'),
  });
  expect(await locateModel(folder, diskFiles, { version: 3 })).toEqual({
    code: 'model-missing',
    key: 'version',
    message: `${folder} has no version 3: it holds 2, 010.`,
  });
  const plain = folderOf({ 'net.onnx': onnx });
  expect(await locateModel(plain, diskFiles, { version: 1 })).toMatchObject({ key: 'version' });
});

test('a SavedModel is found where Triton and TensorFlow Serving have it', async () => {
  const saved = readFileSync(join(fixtures, 'runtimes/savedModel/saved_model.pb'));
  const folder = folderOf({
    '1/model.savedmodel/saved_model.pb': saved,
    '1/model.savedmodel/variables/x': 'x',
  });
  expect(await locateModel(folder, diskFiles)).toMatchObject({
    type: 'tensorflowSavedModel',
    folder: join(folder, '1/model.savedmodel'),
  });
});

test('a path of the file itself is taken, whatever is beside it', async () => {
  const folder = folderOf({ 'a.onnx': onnx, 'b.onnx': onnx });
  expect(await locateModel(join(folder, 'b.onnx'), diskFiles)).toEqual({
    type: 'onnx',
    file: 'b.onnx',
    folder,
  });
  const ir = join(fixtures, 'runtimes/ir');
  for (const name of ['ir.xml', 'ir.bin'])
    expect(await locateModel(join(ir, name), diskFiles)).toMatchObject({
      type: 'openvino',
      file: 'ir.xml',
      weights: 'ir.bin',
    });
  expect(await locateModel(join(fixtures, 'runtimes/savedModel/saved_model.pb'), diskFiles)).toMatchObject({
    type: 'tensorflowSavedModel',
  });
});

test.each<[path: string, says: RegExp]>([
  ['nowhere', /no folder/],
  ['~/models', /"~" does not stand/],
  ['link', /link to .*gone, which does not exist/],
  ['notes.txt', /no model that is known/],
  ['net.pth', /torch\.onnx\.export/],
])('a modelPath %s is explained', async (path, says) => {
  const folder = folderOf({ 'notes.txt': 'x', 'net.pth': 'x' });
  symlinkSync(join(folder, 'gone'), join(folder, 'link'));
  expect(await locateModel(join(folder, path), diskFiles)).toMatchObject({
    message: expect.stringMatching(says) as string,
  });
});

describe('a model that a config says is encrypted', () => {
  const text = encryptedText();
  const look = (files: Readonly<Record<string, string | Buffer>>) =>
    locateModel(folderOf(files), diskFiles, { isEncrypted: true });

  test('is found by its names, and nothing more is asked of it than that it is encrypted', async () => {
    expect(await look({ 'net.onnx': text })).toMatchObject({ type: 'onnx', file: 'net.onnx' });
    expect(await look({ 'net.xml': `${text}\n`, 'net.bin': text })).toMatchObject({ type: 'openvino' });
    expect(await look({ 'net.xml': text, 'net.bin': '' })).toMatchObject({ type: 'openvino' });
  });

  test('is refused where a file of it is not', async () => {
    const not = (message: RegExp) => ({
      code: 'model-damaged',
      message: expect.stringMatching(message) as string,
    });
    expect(await look({ 'net.onnx': onnx })).toEqual(not(/net\.onnx is not encrypted/));
    expect(await look({ 'net.onnx': '' })).toEqual(not(/empty/));
    expect(await look({ 'net.onnx': 'c2hvcnQ=' })).toEqual(not(/net\.onnx is not encrypted/));
    expect(await look({ 'net.xml': text, 'net.bin': onnx })).toEqual(not(/net\.bin is not encrypted/));
    expect(await look({ 'net.xml': '<net/>', 'net.bin': text })).toEqual(not(/encrypt-model/));
  });

  test('is looked into as usual where its type is never decrypted', async () => {
    expect(await look({ 'net.tflite': text })).toMatchObject({ code: 'model-damaged' });
    expect(await look({ 'net.tflite': '\x1c\0\0\0TFL3' })).toMatchObject({ type: 'tensorflowLite' });
  });
});

test('an encrypted file that the config does not know of is recognised', async () => {
  for (const name of ['net.onnx', 'net.tflite'])
    expect(await locateModel(folderOf({ [name]: encryptedText() }), diskFiles)).toEqual({
      code: 'model-damaged',
      message: expect.stringContaining('modelEncrypted: true') as string,
    });
});

/** As an encrypted file begins: base64 of bytes that mean nothing. */
function encryptedText(): string {
  return randomBytes(480).toString('base64');
}
