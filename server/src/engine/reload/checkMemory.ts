import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ModelSource } from '../../model/session.ts';

/** How often a copy of a model has the bytes of its files in memory while it is loaded: what was read, and what the runtime makes
 *  of it. ONNX Runtime 1.30 took 426 MB more at its peak for a file of 200 MB, most of it one MatMul, and 226 MB after it. The
 *  same is assumed of the other runtimes. */
const timesLoaded = 2;
/** An encrypted model is there twice more, once for all copies: `decryptModel` has it as it is on the disk, and decrypted. */
const timesDecrypted = 2;

export interface MemoryNeed {
  /** Of the model's files. */
  readonly fileBytes: number;
  /** While it is loaded. */
  readonly bytes: number;
}

/** What a model needs beside all that is in memory now. An estimate by the size of its files: the definition, the weights, and
 *  files whose names begin with that of the definition, such as `m.onnx.data`. A file that cannot be seen counts nothing: the
 *  load says what is wrong with it. */
export async function memoryNeed(
  { file, weights }: Pick<ModelSource, 'file' | 'weights'>,
  { copies, isEncrypted }: { readonly copies: number; readonly isEncrypted: boolean },
): Promise<MemoryNeed> {
  const files = new Set([file, ...(weights === undefined ? [] : [weights]), ...(await besides(file))]);
  const sizes = await Promise.all([...files].map(sizeOf));
  const fileBytes = sizes.reduce((sum, size) => sum + size, 0);
  return { fileBytes, bytes: fileBytes * (timesLoaded * copies + (isEncrypted ? timesDecrypted : 0)) };
}

/** Weights that ONNX keeps beside a definition: `m.onnx_data`, `m.onnx.data`. */
async function besides(file: string): Promise<readonly string[]> {
  const names = await readdir(dirname(file)).catch(() => []);
  return names.filter((name) => name.startsWith(basename(file))).map((name) => join(dirname(file), name));
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : 0;
}

/** How much memory this process can still get, in bytes: of the machine, and of each control group that the process is in. What
 *  only caches files counts as free. undefined where the system does not say, as outside Linux.
 *  @param root  below which `/proc` and `/sys` are
 *  @see Linux, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst */
export async function availableMemory(root = '/'): Promise<number | undefined> {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(await textOf(join(root, 'proc/meminfo')))?.[1];
  const groups = (await textOf(join(root, 'proc/self/cgroup'))).split('\n').flatMap(groupsOf);
  const rooms = await Promise.all(groups.map((group) => roomIn(root, group)));
  const known = [
    ...(kilobytes === undefined ? [] : [Number(kilobytes) * 1024]),
    ...rooms.flatMap((room) => room ?? []),
  ];
  return known.length === 0 ? undefined : Math.max(0, Math.min(...known));
}

/** A folder with the files of a control group, and what they are called there. */
interface Group extends GroupFiles {
  readonly folder: string;
}

interface GroupFiles {
  readonly mount: string;
  readonly limit: string;
  readonly used: string;
  /** In `memory.stat`, what of it is cached files. */
  readonly cached: RegExp;
}

const version1: GroupFiles = {
  mount: 'sys/fs/cgroup/memory',
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  cached: /^total_(?:in)?active_file (\d+)$/gm,
};
const version2: GroupFiles = {
  mount: 'sys/fs/cgroup',
  limit: 'memory.max',
  used: 'memory.current',
  cached: /^(?:in)?active_file (\d+)$/gm,
};

/** The group of a line of `/proc/self/cgroup`, and all above it: each may have a limit. In a container the path may be that
 *  outside of it; then only the root is there, which is the container's own group. */
function groupsOf(line: string): readonly Group[] {
  const [, controllers = '', path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
  if (path === undefined || (controllers !== '' && !controllers.split(',').includes('memory'))) return [];
  const files = controllers === '' ? version2 : version1;
  const names = path.split('/').filter((name) => name !== '');
  return Array.from({ length: names.length + 1 }, (_, i) => ({
    ...files,
    folder: join(files.mount, ...names.slice(0, i)),
  }));
}

/** @returns undefined for a group without a limit */
async function roomIn(root: string, { folder, limit, used, cached }: Group): Promise<number | undefined> {
  const read = (name: string) => textOf(join(root, folder, name));
  const [most, now, stats] = await Promise.all([read(limit), read(used), read('memory.stat')]);
  if (!/^\d+\s*$/.test(most) || !/^\d+\s*$/.test(now)) return undefined;
  const files = [...stats.matchAll(cached)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return Number(most) - Number(now) + files;
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

/** Why a model is not loaded beside another one; undefined where there is room, or where it is not known. */
export function memoryTrouble(
  { fileBytes, bytes }: MemoryNeed,
  availableBytes: number | undefined,
): string | undefined {
  if (availableBytes === undefined || bytes <= availableBytes) return undefined;
  return `There is not enough memory for the new model beside the old one: its files have ${megabytes(fileBytes)}, loading them takes about ${megabytes(bytes)}, and ${megabytes(availableBytes)} are available. Free memory and run "cluster-serving reload", or run "cluster-serving restart", which ends the old model first.`;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MB`;
}
