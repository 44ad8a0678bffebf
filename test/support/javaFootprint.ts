import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What a Java process holds. */
export interface JavaFootprint {
  readonly heapMb: number;
  readonly metaspaceMb: number;
  /** Resident memory. */
  readonly rssMb: number;
  readonly threads: number;
  /** Class loaders of Flink's jobs. */
  readonly jobLoaders: number;
}

/** Measures after a collection: when a Java collects by itself is its own affair. */
export function javaFootprint(pid: number): JavaFootprint {
  // The first lets go of what only waits to be forgotten.
  for (let i = 0; i < 2; i++) ask('jcmd', String(pid), 'GC.run');
  const [names = '', values = ''] = ask('jstat', '-gc', String(pid)).trim().split('\n');
  const columns = names.trim().split(/\s+/);
  const used = (name: string) => Number(values.trim().split(/\s+/)[columns.indexOf(name)]) / 1024;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
  return {
    heapMb: ['EU', 'S0U', 'S1U', 'OU'].reduce((sum, name) => sum + used(name), 0),
    metaspaceMb: used('MU'),
    rssMb: read('VmRSS') / 1024,
    threads: read('Threads'),
    jobLoaders: ask('jcmd', String(pid), 'VM.classloader_stats').match(/ChildFirstClassLoader/g)?.length ?? 0,
  };
}

function ask(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
