import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { check, type Finding } from '../checker.ts';
import { pause, startTraffic } from '../clients.ts';
import { createGenerator } from '../generator.ts';
import { loadMlp } from '../mlp.ts';
import { createRandom } from '../random.ts';
import { jobName, openWorld } from '../world.ts';

export interface SoakOptions {
  readonly seed: number;
  /** For how long memory is looked at, after the time that warms everything. */
  readonly minutes: number;
  readonly warmUpMinutes: number;
  readonly say: (line: string) => void;
}

export interface SoakReport {
  readonly minutes: number;
  readonly records: number;
  /** For each process: what it held at first, and how much more after ten minutes at the rate that was seen. In bytes. */
  readonly memory: readonly {
    readonly process: string;
    readonly rss: number;
    readonly per10Minutes: number;
  }[];
  readonly findings: readonly Finding[];
}

const sampleMs = 1_000;
/** Garbage is collected now and then: the middle of this many samples counts as one. */
const samplesAtOnce = 10;

/** Serves clients of every form without any fault, and looks at how the memory of a worker and of a frontend grows. */
export async function soak({ seed, minutes, warmUpMinutes, say }: SoakOptions): Promise<SoakReport> {
  const world = await openWorld();
  try {
    await world.plantForeign();
    const traffic = startTraffic({
      redis: world.client,
      jobName,
      frontendUrl: world.frontend.url,
      generator: createGenerator(createRandom(seed + 1), loadMlp()),
      random: createRandom(seed),
    });
    const [worker] = world.pool.alive;
    const processes = [
      ['worker', worker?.pid ?? 0],
      ['frontend', world.frontend.pid],
    ] as const;
    say(`warming for ${warmUpMinutes} min, then looking for ${minutes} min`);
    await pause(warmUpMinutes * 60_000);
    const samples = processes.map((): number[] => []);
    const end = performance.now() + minutes * 60_000;
    while (performance.now() < end && world.crashes().length === 0) {
      processes.forEach(([, pid], i) => samples[i]?.push(rssOf(pid)));
      await pause(sampleMs);
    }
    await traffic.end(20_000, () => false);
    await world.settled(20_000).catch((error: unknown) => say(String(error)));
    await traffic.sweep();
    const findings = check({
      records: traffic.records,
      lossAt: undefined,
      leftResults: await world.leftResults(),
      foreign: await world.foreignFacts(),
      crashes: world.crashes(),
    });
    const memory = processes.map(([process], i) => {
      const middles = middlesOf(samples[i] ?? []);
      const perSample = slopeOf(middles) / samplesAtOnce;
      return { process, rss: middles[0] ?? 0, per10Minutes: (perSample * 600_000) / sampleMs };
    });
    return { minutes, records: traffic.records.size, memory, findings };
  } finally {
    await world.close();
  }
}

/** In bytes. */
function rssOf(pid: number): number {
  const status = `/proc/${pid}/status`;
  const kilobytes = existsSync(status)
    ? /^VmRSS:\s*(\d+)/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(kilobytes) * 1024;
}

/** The middle number of each group of samples. */
export function middlesOf(samples: readonly number[]): readonly number[] {
  const middles: number[] = [];
  for (let at = 0; at + samplesAtOnce <= samples.length; at += samplesAtOnce) {
    const sorted = samples.slice(at, at + samplesAtOnce).sort((a, b) => a - b);
    middles.push(sorted[samplesAtOnce >> 1] ?? 0);
  }
  return middles;
}

/** The slope of a line through equidistant values, per step: the middle of the slopes between any two of them, which single
 *  jumps do not move. */
export function slopeOf(values: readonly number[]): number {
  const slopes = values.flatMap((value, i) =>
    values.slice(i + 1).map((other, j) => (other - value) / (j + 1)),
  );
  slopes.sort((a, b) => a - b);
  const half = slopes.length >> 1;
  if (slopes.length === 0) return 0;
  return slopes.length % 2 === 1 ? (slopes[half] ?? 0) : ((slopes[half - 1] ?? 0) + (slopes[half] ?? 0)) / 2;
}
