import { pause } from './clients.ts';
import { faultMs, type Nemesis, type Scene } from './nemesis.ts';
import { redisNemeses } from './redisNemeses.ts';
import { steps, type Step } from './wire.ts';
import type { TortureWorker } from './workers.ts';
import { claimIdleMs } from './world.ts';

/** A record that meets `maxDeliveries` deaths alone in the model is given up as promised: fewer are no reason to. */
const killsInARow = 2;

async function kill({ world, workers, random, over }: Scene, step?: Step): Promise<void> {
  for (let i = 0; i < killsInARow; i++) {
    await pause(random.between(0, 60));
    const victim = random.pick(world.pool.alive);
    if (step) await reach(victim, step);
    over();
    await victim.kill();
    await world.pool.fill(workers);
  }
}

/** Resolves when the worker has come to the step and is killed there, or does not come to it. */
async function reach(victim: TortureWorker, step: Step): Promise<void> {
  const reached = new Promise<void>((resolve) => {
    victim.wire.at(step, () => {
      victim.signal('SIGKILL');
      resolve();
    });
  });
  await Promise.race([reached, pause(5_000)]);
  victim.wire.at(step, undefined);
}

/** Those that end workers with SIGKILL. */
export const killNemeses: readonly Nemesis[] = [
  { name: 'kill a worker', run: (scene) => kill(scene) },
  ...steps.map((step): Nemesis => ({
    name: `kill a worker: ${step}`,
    run: (scene) => kill(scene, step),
  })),
  {
    name: 'kill every worker',
    async run({ world, workers, over }) {
      over();
      await Promise.all(world.pool.alive.map((worker) => worker.kill()));
      await world.pool.fill(workers);
    },
  },
];

const workerNemeses: readonly Nemesis[] = [
  {
    name: 'freeze a worker beyond its claim',
    async run({ world, random }) {
      const victim = random.pick(world.pool.alive);
      victim.signal('SIGSTOP');
      await pause(claimIdleMs + random.between(200, 1_500));
      victim.signal('SIGCONT');
    },
  },
  {
    name: 'step the clock of a worker',
    async run({ world, workers, random, over }) {
      await random.pick(world.pool.alive).kill();
      await world.pool.addWithClock(random.pick([-3_600_000, 90_000, 3_600_000]));
      await pause(1_600);
      over();
      await pause(faultMs);
      const odd = world.pool.alive.at(-1);
      await odd?.kill();
      await world.pool.fill(workers);
    },
  },
  {
    name: 'stop and replace a worker',
    async run({ world, workers, random, over }) {
      const leaving = random.pick(world.pool.alive);
      over();
      leaving.signal('SIGTERM');
      await leaving.ended;
      await world.pool.fill(workers);
    },
  },
];

/** Every kind of harm, by name. */
export const nemeses: readonly Nemesis[] = [...killNemeses, ...workerNemeses, ...redisNemeses];
