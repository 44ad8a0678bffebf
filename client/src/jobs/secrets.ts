import type { SecretStorage, Memento } from 'vscode';

/** Values of environment variables that the user gave to the editor to keep: passwords, above all. The editor keeps them
 *  encrypted; our programs get them by their environment, where `${env:NAME}` in a config finds them. */
export interface Secrets {
  /** An empty value forgets the variable. */
  store(name: string, value: string): Promise<void>;
  isStored(name: string): boolean;
  environment(): Promise<Readonly<Record<string, string>>>;
}

/** The names are no secret, and the storage does not list them. */
const namesKey = 'secretNames';

export function createSecrets(storage: SecretStorage, memento: Memento): Secrets {
  const names = () => memento.get<readonly string[]>(namesKey, []);
  const keyOf = (name: string) => `env:${name}`;
  return {
    async store(name, value) {
      const others = names().filter((one) => one !== name);
      if (value === '') await storage.delete(keyOf(name));
      else await storage.store(keyOf(name), value);
      await memento.update(namesKey, value === '' ? others : [...others, name]);
    },
    isStored: (name) => names().includes(name),
    async environment() {
      const values = await Promise.all(
        names().map(async (name) => [name, await storage.get(keyOf(name))] as const),
      );
      return Object.fromEntries(values.filter((pair): pair is [string, string] => pair[1] !== undefined));
    },
  };
}
