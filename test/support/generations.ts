import { setImmediate } from 'node:timers/promises';
import type { Generation } from '../../server/src/engine/flow/generation.ts';
import type { Model } from '../../server/src/model/model.ts';
import type { FittedRecord } from '../../server/src/tensor/fit.ts';

/** Runs that wait for their answer, by generation; a test begins without any. */
export const pending = new Map<string, (() => void)[]>();

export const row: FittedRecord = {
  rows: 1,
  strip: false,
  key: 'k',
  parts: [{ type: 'float32', shape: [1, 1], data: new Float32Array(1), isConstant: false }],
};

/** Its name is in what it decodes, runs and encodes, and its runs end when the test says so. */
export function generation(name: string, more: Partial<Generation> = {}): Generation {
  const model: Model = {
    inputs: [{ name: 'x', type: 'float32', shape: [null, 1] }],
    outputs: [{ name: 'y', type: 'string', shape: [null, 1] }],
    labels: new Map(),
    sharing: { shared: true, reason: 'the test says so', proof: 'word' },
    slots: 1,
    async run([feed]) {
      const rows = feed?.shape[0] ?? 0;
      await new Promise<void>((resolve) => {
        pending.set(name, [...(pending.get(name) ?? []), resolve]);
      });
      return [{ name: 'y', type: 'string', shape: [rows, 1], data: Array<string>(rows).fill(name) }];
    },
    close: () => Promise.resolve(),
  };
  return {
    model,
    decode: () => ({ rows: 1, strip: false, key: name, instances: [row] }),
    encode: ([output]) => `${String(output?.data[0])} encoded by ${name}`,
    requests: {
      decode: () => ({ rows: 1, strip: false, key: name, instances: [row] }),
      name: ([output]) => `${String(output?.data[0])} named by ${name}`,
    },
    batchSize: 4,
    batchTimeoutMs: 0,
    maxDeliveries: 3,
    ...more,
  };
}

export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 10_000) throw new Error('it never happened');
    await setImmediate();
  }
}

/** Ends the runs of a generation that wait, and those that come, until the condition holds. */
export async function runUntil(name: string, condition: () => boolean): Promise<void> {
  await until(() => {
    for (const end of pending.get(name)?.splice(0) ?? []) end();
    return condition();
  });
}

export const isRunning = (name: string) => (pending.get(name)?.length ?? 0) > 0;
