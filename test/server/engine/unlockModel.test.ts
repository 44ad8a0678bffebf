import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { SecretPair } from '../../../schemas/encryption.ts';
import { ServingError } from '../../../schemas/errors.ts';
import type { SecretNeeded } from '../../../schemas/jobEvents.ts';
import { deriveKeys } from '../../../server/src/encryption/deriveKeys.ts';
import { encryptModelFile } from '../../../server/src/encryption/modelCipher.ts';
import { createLog } from '../../../server/src/engine/log.ts';
import { unlockModel } from '../../../server/src/engine/unlockModel.ts';
import { otherPair, pair } from '../encryption/vectors.ts';

const onnx = readFileSync(join(import.meta.dirname, '../../fixtures/models/mlp/mlp.onnx'));

/** Waits for the secret of a model that is encrypted by `pair`. */
async function waiting(given: SecretPair | undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'locked-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'net.onnx');
  const encrypt = async (by: SecretPair, bytes = onnx) =>
    writeFileSync(file, encryptModelFile(bytes, await deriveKeys(by)));
  await encrypt(pair);
  const state: { pair: SecretPair | undefined; error: Error | undefined } = { pair: given, error: undefined };
  const needs: SecretNeeded[] = [];
  const lines: string[] = [];
  const stop = new AbortController();
  let looks = 0;
  let next: (() => void) | undefined;
  const unlocked = unlockModel({
    source: { type: 'onnx', file },
    queue: {
      readSecret() {
        looks += 1;
        next?.();
        return state.error ? Promise.reject(state.error) : Promise.resolve(state.pair);
      },
    },
    log: createLog(({ message }) => void lines.push(message)),
    onNeeds: (need) => void needs.push(need),
    signal: stop.signal,
    pollMs: 1,
  });
  return {
    state,
    needs,
    lines,
    stop,
    encrypt,
    unlocked,
    /** Until it has looked again this often. */
    looked: async (times: number) => {
      for (const end = looks + times; looks < end;)
        await new Promise<void>((resolve) => {
          next = resolve;
        });
    },
  };
}

test('a model whose secret is there is decrypted at once, and nothing is asked for', async () => {
  const { unlocked, needs } = await waiting(pair);
  expect(onnx.equals((await unlocked)?.content?.file as Buffer)).toBe(true);
  expect(needs).toEqual([]);
});

test('a secret that comes later ends the wait, which is said once', async () => {
  const { unlocked, needs, lines, state, looked } = await waiting(undefined);
  await looked(5);
  expect(needs.map(({ code }) => code)).toEqual(['model-secret-missing']);
  expect(lines).toHaveLength(1);
  state.pair = pair;
  expect(await unlocked).toMatchObject({ type: 'onnx' });
});

test('a wrong secret is said and not tried again, and the right one ends the wait', async () => {
  const { unlocked, needs, state, looked } = await waiting(otherPair);
  await looked(5);
  expect(needs.map(({ code }) => code)).toEqual(['model-secret-wrong']);
  state.pair = undefined;
  await looked(2);
  state.pair = pair;
  await unlocked;
  expect(needs.map(({ code }) => code)).toEqual(['model-secret-wrong', 'model-secret-missing']);
});

test('a model that is encrypted again by the secret that is there ends the wait', async () => {
  const { unlocked, encrypt, looked } = await waiting(otherPair);
  await looked(3);
  await encrypt(otherPair);
  expect(await unlocked).toMatchObject({ type: 'onnx' });
});

test('a store that is away is waited for, and no secret is asked for meanwhile', async () => {
  const { unlocked, needs, lines, state, looked } = await waiting(undefined);
  await looked(2);
  state.error = new ServingError('redis-refused', 'gone');
  await looked(4);
  expect(lines.filter((line) => line.includes('gone'))).toHaveLength(1);
  state.error = undefined;
  state.pair = pair;
  await unlocked;
  expect(needs).toHaveLength(1);
});

test('a stop ends the wait', async () => {
  const { unlocked, stop, looked } = await waiting(undefined);
  await looked(2);
  stop.abort();
  expect(await unlocked).toBe(undefined);
});

test('what no secret can help with ends the wait with its reason', async () => {
  const damaged = await waiting(undefined);
  await damaged.encrypt(pair, onnx.subarray(0, 500));
  damaged.state.pair = pair;
  await expect(damaged.unlocked).rejects.toMatchObject({ code: 'model-damaged' });
  const denied = await waiting(undefined);
  denied.state.error = new ServingError('redis-rights', 'no');
  await expect(denied.unlocked).rejects.toMatchObject({ code: 'redis-rights' });
});
