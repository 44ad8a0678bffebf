import { isAbsolute, resolve } from 'node:path';
import type { Config } from '../../../../schemas/config/configKeys.ts';

/** Where a Redis is and how to speak with it. */
export interface RedisAddress {
  readonly kind?: undefined;
  readonly host: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: { readonly trustStorePath: string; readonly trustStorePassword: string } | undefined;
  /** How long a connection or a command may take, in ms. */
  readonly timeoutMs: number;
}

/** Where a config's Redis is. @param folder  the folder of the config file, which relative paths start from */
export function redisAddress(config: Config, folder: string): RedisAddress {
  return {
    ...config.redisUrl,
    timeoutMs: config.redisTimeout,
    username: config.redisUsername || undefined,
    password: config.redisPassword?.reveal(),
    tls: config.redisSecureEnabled
      ? {
          trustStorePath:
            config.redisSecureTrustStorePath && absolute(folder, config.redisSecureTrustStorePath),
          trustStorePassword: config.redisSecureTrustStorePassword?.reveal() ?? '',
        }
      : undefined,
  };
}

function absolute(folder: string, path: string): string {
  return isAbsolute(path) ? path : resolve(folder, path);
}
