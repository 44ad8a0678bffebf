import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startLockKey, workersKey } from '../../../schemas/redis/redisKeys.ts';
import { eventually, freePort } from '../../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../../support/serving.ts';
import { pause } from '../clients.ts';
import { createRandom, type Random } from '../random.ts';

export interface HalfStatesOptions {
  readonly seed: number;
  /** How many of them, each in turn. */
  readonly count: number;
  readonly say: (line: string) => void;
}

export interface HalfStatesReport {
  readonly count: number;
  readonly found: readonly string[];
}

const jobName = 'half';
const steps = ['config', 'redis', 'model', 'warm-up'];
const servedMs = 60_000;

/** A job on a port of its own, with a state folder of its own. */
interface Site {
  readonly shop: Workshop;
  readonly config: string;
  readonly port: number;
  readonly random: Random;
}

interface HalfState {
  readonly name: string;
  make(site: Site): Promise<void>;
}

const halfStates: readonly HalfState[] = [
  ...steps.map((step): HalfState => ({
    name: `a start that was killed at the step "${step}"`,
    make: (site) => killCommand(site, ['start', '-c', site.config, '--json'], `"step":"${step}"`),
  })),
  {
    name: 'a start that was killed at any time',
    make: (site) => killAfter(site, ['start', '-c', site.config, '--json'], site.random.between(100, 3_000)),
  },
  {
    name: 'a stop that was killed',
    async make(site) {
      await site.shop.must('start', '-c', site.config);
      await killAfter(site, ['stop', '-c', site.config], site.random.between(100, 800));
    },
  },
  {
    name: 'a shutdown that was killed',
    async make(site) {
      await site.shop.must('start', '-c', site.config);
      await killAfter(site, ['shutdown', '-c', site.config, '--yes'], site.random.between(100, 1_500));
    },
  },
  {
    name: 'a worker that was killed',
    async make(site) {
      await site.shop.must('start', '-c', site.config);
      endAll(site, 'engine.mjs');
    },
  },
  {
    name: 'a Redis that was killed below its worker',
    async make(site) {
      await site.shop.must('start', '-c', site.config);
      endAll(site, `:${site.port}`);
    },
  },
  {
    name: 'a machine that lost its power',
    async make(site) {
      await site.shop.must('start', '-c', site.config);
      endAll(site);
    },
  },
  {
    name: "records of the state folder that were cut in half, and a dead start's lock",
    async make(site) {
      await site.shop.must('start', '-c', site.config);
      for (const file of filesBelow(site.shop.state).filter((each) => each.endsWith('.json'))) {
        const text = readFileSync(file, 'utf8');
        writeFileSync(file, text.slice(0, text.length >> 1));
      }
      await withRedis(site, async (redis) => {
        const dead = { host: 'elsewhere', pid: 1, space: '', began: '', since: Date.now(), token: 'x' };
        await redis.set(startLockKey(jobName), JSON.stringify(dead), 'PX', 2_000);
      });
    },
  },
  {
    name: 'a registry that was lost and holds half an entry',
    async make(site) {
      await site.shop.must('start', '-c', site.config);
      await withRedis(site, async (redis) => {
        await redis.del(workersKey);
        await redis.hset(workersKey, 'x-12345678', '{"workerId":"x-123');
      });
    },
  },
];

/** Leaves a job half started or half ended, in each way. From there a start must lead to a job that serves, a second one must
 *  change nothing, and a shutdown, done twice, must leave no process. */
export async function tryHalfStates({ seed, count, say }: HalfStatesOptions): Promise<HalfStatesReport> {
  const random = createRandom(seed);
  const found: string[] = [];
  for (let i = 0; i < count; i++) {
    const state = halfStates[i % halfStates.length] as HalfState;
    const troubles = await tryOne(state, random);
    say(`${state.name}: ${troubles.length === 0 ? 'ok' : troubles.join('; ')}`);
    found.push(...troubles.map((trouble) => `${state.name}: ${trouble}`));
  }
  return { count, found };
}

async function tryOne(state: HalfState, random: Random): Promise<readonly string[]> {
  const shop = openWorkshop('half');
  const port = await freePort();
  const text = `modelPath: ${join(models, 'mlp')}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${port}\n`;
  const site: Site = { shop, port, random, config: shop.config(jobName, text) };
  const found: string[] = [];
  try {
    await state.make(site);
    await serve(site);
    const before = processesOf(site);
    const again = await shop.cli('start', '-c', site.config, '--json');
    if (!again.stdout.includes('job-running'))
      found.push(`a second start says ${again.stdout}${again.stderr}`);
    const after = processesOf(site);
    if (after.join() !== before.join())
      found.push(`a second start made ${before.join()} into ${after.join()}`);
    for (const time of ['first', 'second']) {
      const { code, stdout, stderr } = await shop.cli('shutdown', '-c', site.config, '--yes');
      if (code !== 0) found.push(`the ${time} shutdown ended with ${code}: ${stdout}${stderr}`);
    }
    const left = processesOf(site);
    if (left.length > 0) found.push(`${left.length} processes are left`);
  } catch (error) {
    found.push(error instanceof Error ? error.message : String(error));
  } finally {
    endAll(site);
    await shop.close();
  }
  return found;
}

/** Starts the job, unless it runs, until it answers; what stands in the way for a moment may be met by another try. */
async function serve({ shop, config }: Site): Promise<void> {
  let said = '';
  const image = join(shop.folder, 'row.json');
  writeFileSync(image, JSON.stringify({ instances: [{ x: Array<number>(64).fill(0.5) }] }));
  await eventually(
    'the job serves',
    async () => {
      const started = await shop.cli('start', '-c', config, '--json');
      const asked = await shop.cli('predict', image, '-c', config, '--timeout', '5');
      said = `${started.stdout}${started.stderr}${asked.stdout}${asked.stderr}`;
      return asked.code === 0;
    },
    servedMs,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${said}`);
  });
}

function command({ shop }: Site, args: readonly string[]) {
  return spawn(process.execPath, [join(root, 'bin', 'cluster-serving.cjs'), ...args], {
    env: { ...process.env, CLUSTER_SERVING_STATE: shop.state },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** Kills a command as soon as it has printed a text. */
async function killCommand(site: Site, args: readonly string[], text: string): Promise<void> {
  const child = command(site, args);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes(text)) child.kill('SIGKILL');
  });
  await once(child, 'close');
  if (!output.includes(text)) throw new Error(`it never printed ${text}: ${output}`);
}

async function killAfter(site: Site, args: readonly string[], ms: number): Promise<void> {
  const child = command(site, args);
  child.stdout.resume();
  const ended = once(child, 'close');
  await Promise.race([pause(ms), ended]);
  child.kill('SIGKILL');
  await ended;
}

/** Ends this site's processes as a crash would, all or those with a word in their arguments. */
function endAll(site: Site, word = ''): void {
  for (const pid of processesOf(site, word))
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
}

/** Workers, commands and the Redis of a site: their arguments name its folder or its port. */
function processesOf({ shop, port }: Site, word = ''): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const line = argumentsOf(pid);
      return (line.includes(shop.folder) || line.includes(`127.0.0.1:${port}`)) && line.includes(word);
    })
    .map(Number);
}

function argumentsOf(pid: string): string {
  try {
    // What has ended and waits for its parent has no arguments.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function withRedis(site: Site, use: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis({ port: site.port, host: '127.0.0.1', protocol: 2 });
  try {
    await use(redis);
  } finally {
    redis.disconnect();
  }
}
