import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FlinkProcessor } from '../../../../../schemas/flinkJob.ts';
import { runtimes } from '../../../../../schemas/runtimes.ts';
import { fetchWheel } from '../../runtimes/fetchWheel.ts';
import { unpackWheel } from '../../runtimes/unpackWheel.ts';
import { factsOf, fetchPackage, keep, packageFolder, partsOf, zip, type LocalArchive } from './archives.ts';

export interface SentRuntimeOptions {
  /** Where archives are kept. */
  readonly folder: string;
  /** The bundle of the worker. */
  readonly workerFolder: string;
  readonly processor: FlinkProcessor;
  /** The library of OpenVINO on this machine. */
  readonly openvino: string;
  readonly onPack: () => void;
  readonly signal: AbortSignal;
}

const { install } = runtimes.openvino;

/** OpenVINO's libraries for the machines of a cluster, and koffi, which calls them. They are those of this machine, where its
 *  platform is the cluster's; else the wheel that is known for that is fetched.
 *  @throws ServingError "runtime-install-failed" or "flink-program" */
export async function sentRuntime(options: SentRuntimeOptions): Promise<LocalArchive> {
  const { folder, openvino, onPack, signal } = options;
  const target = `linux-${options.processor}`;
  const koffi = await koffiFor(options);
  try {
    if (target === `${process.platform}-${process.arch}`)
      return await archive(new Map([...koffi.files, ...librariesIn(dirname(openvino))]));
    const name = `openvino-${install.version}-${target}`;
    return await keep(folder, name, async () => {
      onPack();
      const place = mkdtempSync(join(folder, 'wheel-'));
      try {
        await unpackWheel(await fetchWheel('openvino', place, signal, target), install.files, join(place, 'libraries'));
        return await zip(folder, name, new Map([...koffi.files, ...librariesIn(join(place, 'libraries'))]));
      } finally {
        rmSync(place, { recursive: true, force: true });
      }
    });
  } finally {
    koffi.remove();
  }

  function archive(files: ReadonlyMap<string, string>): Promise<LocalArchive> {
    const name = `openvino-${factsOf(files)}-${target}`;
    return keep(folder, name, () => {
      onPack();
      return zip(folder, name, files);
    });
  }
}

/** By their names in the archive, which has them beside each other. */
function librariesIn(folder: string): [string, string][] {
  return readdirSync(folder)
    .filter((name) => install.files.test(name) || name.startsWith('LICENCE-'))
    .map((name) => [name, join(folder, name)]);
}

interface Koffi {
  readonly files: readonly [string, string][];
  readonly remove: () => void;
}

/** A build has koffi in one folder beside its bundles, with the binaries of one platform; else it is that of `node_modules`. */
async function koffiFor({ folder, workerFolder, processor, onPack, signal }: SentRuntimeOptions): Promise<Koffi> {
  const beside = join(workerFolder, '..', 'koffi');
  const place = existsSync(beside) ? beside : packageFolder('koffi', workerFolder);
  const program = partsOf(place, ['package.json', join('src', 'koffi', 'indirect.cjs')], 'koffi');
  const binary = `linux_${processor}`;
  const built = join(place, 'build', 'koffi', binary);
  if (existsSync(built)) return { files: [...program, ...partsOf(built, [''], `koffi/build/koffi/${binary}`)], remove: () => undefined };
  onPack();
  const { version } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as { version: string };
  const fetched = await fetchPackage(folder, `@koromix/koffi-linux-${processor}`, version, signal);
  const binaries = join(fetched.folder, binary);
  return { files: [...program, ...partsOf(binaries, [''], `koffi/build/koffi/${basename(binaries)}`)], remove: fetched.remove };
}
