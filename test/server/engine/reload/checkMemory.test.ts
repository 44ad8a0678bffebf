import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  availableMemory,
  memoryNeed,
  memoryTrouble,
} from '../../../../server/src/engine/reload/checkMemory.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'memory-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Readonly<Record<string, string | number>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'number' ? `${content}\n` : content);
  }
}

const megabyte = 1024 * 1024;
const machine = { 'proc/meminfo': 'MemTotal:       9999 kB\nMemAvailable:       1024 kB\n' };

describe('what is available', () => {
  test('is what the machine has, without a control group', async () => {
    write(machine);
    expect(await availableMemory(folder)).toBe(megabyte);
  });

  test('is not known where the system does not say it', async () => {
    expect(await availableMemory(folder)).toBeUndefined();
  });

  test('ends at the limit of the control group, where cached files count as free', async () => {
    write({
      ...machine,
      'proc/self/cgroup': '0::/system.slice/worker.service\n',
      'sys/fs/cgroup/system.slice/worker.service/memory.max': 1000,
      'sys/fs/cgroup/system.slice/worker.service/memory.current': 900,
      'sys/fs/cgroup/system.slice/worker.service/memory.stat': 'anon 500\nactive_file 10\ninactive_file 20\n',
    });
    expect(await availableMemory(folder)).toBe(130);
  });

  test('ends at the limit of a group above, too', async () => {
    write({
      ...machine,
      'proc/self/cgroup': '0::/a/b\n',
      'sys/fs/cgroup/a/memory.max': 1000,
      'sys/fs/cgroup/a/memory.current': 400,
      'sys/fs/cgroup/a/b/memory.max': 'max\n',
      'sys/fs/cgroup/a/b/memory.current': 300,
    });
    expect(await availableMemory(folder)).toBe(600);
  });

  test('is found in groups of the first version, in a container that does not see its own path', async () => {
    write({
      ...machine,
      'proc/self/cgroup': '5:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': 2000,
      'sys/fs/cgroup/memory/memory.usage_in_bytes': 500,
      'sys/fs/cgroup/memory/memory.stat': 'inactive_file 7\ntotal_inactive_file 100\ntotal_active_file 1\n',
    });
    expect(await availableMemory(folder)).toBe(1601);
  });

  test('is nothing where a group has more than its limit', async () => {
    write({
      ...machine,
      'proc/self/cgroup': '0::/\n',
      'sys/fs/cgroup/memory.max': 10,
      'sys/fs/cgroup/memory.current': 11,
    });
    expect(await availableMemory(folder)).toBe(0);
  });
});

describe('what a model needs', () => {
  const plain = { copies: 1, isEncrypted: false };
  const need = (file: string, how = plain) => memoryNeed({ file: join(folder, file) }, how);

  test('counts its definition and what is named like it, and nothing else in its folder', async () => {
    write({ 'm.onnx': '12345', 'm.onnx.data': '1234567', 'm.pt': '1', 'more.onnx': '1' });
    expect(await need('m.onnx')).toEqual({ fileBytes: 12, bytes: 24 });
  });

  test('counts weights of another name', async () => {
    write({ 'm.xml': '123', 'w.bin': '12345' });
    const source = { file: join(folder, 'm.xml'), weights: join(folder, 'w.bin') };
    expect((await memoryNeed(source, plain)).fileBytes).toBe(8);
  });

  test('counts weights beside the definition once', async () => {
    write({ 'm.xml': '123', 'm.bin': '12345' });
    const source = { file: join(folder, 'm.xml'), weights: join(folder, 'm.bin') };
    expect((await memoryNeed(source, plain)).fileBytes).toBe(8);
  });

  test('grows with each copy, and once where it is encrypted', async () => {
    write({ 'm.onnx': '1234567890' });
    expect((await need('m.onnx', { copies: 3, isEncrypted: false })).bytes).toBe(60);
    expect((await need('m.onnx', { copies: 3, isEncrypted: true })).bytes).toBe(80);
  });

  test('is nothing for a file that has gone: the load says that', async () => {
    expect(await need('m.onnx')).toEqual({ fileBytes: 0, bytes: 0 });
  });
});

describe('a model', () => {
  const need = { fileBytes: 50 * megabyte, bytes: 100 * megabyte };

  test.each([
    ['that just fits', 100 * megabyte],
    ['on a system that does not say what it has', undefined],
  ])('%s is loaded', (_, available) => {
    expect(memoryTrouble(need, available)).toBeUndefined();
  });

  test('that does not fit is refused with the sizes and what to do', () => {
    const sentence = memoryTrouble(need, 100 * megabyte - 1);
    for (const part of ['50 MB', '100 MB are available', 'cluster-serving restart'])
      expect(sentence).toContain(part);
  });
});
