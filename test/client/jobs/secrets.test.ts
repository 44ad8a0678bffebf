import { expect, test } from 'vitest';
import type { SecretStorage } from 'vscode';
import { createSecrets } from '../../../client/src/jobs/secrets.ts';
import { aMemento } from '../aMemento.ts';

function aStorage(): { readonly storage: SecretStorage; readonly values: Map<string, string> } {
  const values = new Map<string, string>();
  const storage: Partial<SecretStorage> = {
    get: (key) => Promise.resolve(values.get(key)),
    store: (key, value) => {
      values.set(key, value);
      return Promise.resolve();
    },
    delete: (key) => {
      values.delete(key);
      return Promise.resolve();
    },
  };
  return { storage: storage as SecretStorage, values };
}

test('what is stored is in the environment of our programs, also in the next window', async () => {
  const { storage } = aStorage();
  const memento = aMemento();
  await createSecrets(storage, memento).store('REDIS_PASSWORD', 'geheim');
  expect(await createSecrets(storage, memento).environment()).toEqual({ REDIS_PASSWORD: 'geheim' });
});

test('an empty value forgets the variable', async () => {
  const { storage, values } = aStorage();
  const secrets = createSecrets(storage, aMemento());
  await secrets.store('A', 'x');
  await secrets.store('A', '');
  expect([secrets.isStored('A'), await secrets.environment(), values.size]).toEqual([false, {}, 0]);
});

test('only the storage of secrets gets the value', async () => {
  const memento = aMemento();
  await createSecrets(aStorage().storage, memento).store('A', 'geheim');
  expect(JSON.stringify(memento.keys().map((key) => memento.get(key)))).not.toContain('geheim');
});
