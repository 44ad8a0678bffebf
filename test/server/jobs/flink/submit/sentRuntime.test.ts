import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FlinkProcessor } from '../../../../../schemas/flinkJob.ts';
import { sentRuntime } from '../../../../../server/src/jobs/flink/submit/sentRuntime.ts';

let place: string;
const path = process.env.PATH;
const own = process.arch as FlinkProcessor;
const other: FlinkProcessor = own === 'x64' ? 'arm64' : 'x64';
const lies = (name: string, text = name) => {
  mkdirSync(dirname(join(place, name)), { recursive: true });
  writeFileSync(join(place, name), text);
};
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'sent-runtime-'));
  mkdirSync(join(place, 'state'));
  // As a build has them, but small.
  for (const name of ['src/koffi/indirect.cjs', `build/koffi/linux_${own}/koffi.node`]) lies(`dist/koffi/${name}`);
  lies('dist/koffi/package.json', '{"version":"3.2.1"}');
  for (const name of ['libopenvino_c.so.2641', 'libopenvino.so.2641', 'libtbb.so.12', 'libopenvino_intel_gpu_plugin.so', 'notes.txt'])
    lies(`openvino/${name}`);
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(place, { recursive: true, force: true });
});

/** Programs of these names that do this instead. */
function programsThat(scripts: Readonly<Record<string, string>>): void {
  const folder = join(place, 'programs');
  for (const [name, script] of Object.entries(scripts)) {
    lies(`programs/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  process.env.PATH = `${folder}:${path ?? ''}`;
}

let packed = 0;
const send = (processor: FlinkProcessor) =>
  sentRuntime({
    folder: join(place, 'state'),
    workerFolder: join(place, 'dist', 'flinkWorker'),
    processor,
    openvino: join(place, 'openvino', 'libopenvino_c.so.2641'),
    onPack: () => {
      packed += 1;
    },
    signal: new AbortController().signal,
  });

test.runIf(process.platform === 'linux')(
  'the libraries of this machine that are needed are packed once, with koffi where the worker looks for it',
  async () => {
    packed = 0;
    const first = await send(own);
    const text = readFileSync(first.file, 'latin1');
    for (const name of ['libopenvino_c.so.2641', 'libtbb.so.12', 'koffi/src/koffi/indirect.cjs', `koffi/build/koffi/linux_${own}/koffi.node`])
      expect(text).toContain(name);
    for (const name of ['gpu', 'notes']) expect(text).not.toContain(name);
    expect(await send(own)).toEqual(first);
    expect(packed).toBe(1);
    lies('openvino/libtbb.so.12', 'another version');
    expect((await send(own)).sha256).not.toBe(first.sha256);
  },
);

test('for another processor the wheel of it is asked for by name, and a failure leaves nothing', async () => {
  const npm = `case "$*" in *@koromix/koffi-linux-${other}@3.2.1) mkdir -p node_modules/@koromix/koffi-linux-${other}/linux_${other} && echo a > node_modules/@koromix/koffi-linux-${other}/linux_${other}/koffi.node;; *) exit 1;; esac`;
  programsThat({ npm, python3: `echo "$*" > ${join(place, 'asked')}; echo "ERROR: no index" >&2; exit 1` });
  await expect(send(other)).rejects.toMatchObject({ code: 'runtime-install-failed' });
  expect(readFileSync(join(place, 'asked'), 'utf8')).toContain(other === 'arm64' ? 'aarch64' : 'x86_64');
  expect(readdirSync(join(place, 'state'))).toEqual([]);
});
