import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resultPrefix } from '../../../schemas/redis/redisKeys.ts';
import { startFrontend, type TestFrontend } from '../../integration/httpSupport.ts';
import { startRedis } from '../../support/redis.ts';
import { openWorkshop } from '../../support/serving.ts';
import type { Served } from './routes.ts';

/** A machine that has much else to do takes its time over large models. */
export const answerMs = 300_000;

export interface Services {
  readonly served: ReadonlyMap<string, Served>;
  readonly redisPort: number;
  close(): Promise<void>;
}

/** Starts a Redis, a job for each model and one frontend before them all, each a process of its own.
 *  @param models  their folders, or a file of them, by the names of their jobs
 *  @param more  further lines of their configs */
export async function serveModels(
  models: ReadonlyMap<string, string>,
  more: readonly string[] = [],
): Promise<Services> {
  const redis = await startRedis();
  const shop = openWorkshop('onnx');
  let frontend: TestFrontend | undefined;
  const close = async () => {
    frontend?.signal('SIGKILL');
    await shop.close();
    await redis.stop();
  };
  try {
    const configs = new Map<string, string>();
    const left = [...models];
    const startNext = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [name, path] = next;
        const lines = [
          `modelPath: ${path}`,
          `jobName: ${name}`,
          `redisUrl: 127.0.0.1:${redis.port}`,
          ...more,
        ];
        const config = join(shop.folder, name, 'config.yaml');
        mkdirSync(dirname(config));
        writeFileSync(config, lines.join('\n'));
        configs.set(name, config);
        await shop.must('start', '-c', config);
      }
    };
    await Promise.all([startNext(), startNext()]);
    const list = join(shop.folder, 'servables-conf.yaml');
    writeFileSync(list, servables([...models.keys()], redis.port));
    const running = await startFrontend(
      '--redisHost=127.0.0.1',
      `--redisPort=${redis.port}`,
      `--servableManagerConfPath=${list}`,
      `--predictTimeout=${answerMs}`,
    );
    frontend = running;
    const served = new Map(
      [...configs].map(([name, config]) => [name, { name, config, shop, url: running.url }]),
    );
    return { served, redisPort: redis.port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function servables(names: readonly string[], port: number): string {
  const items = names.map(
    (name) => `  - !<ClusterServingMetaData>
    modelName: "${name}"
    modelVersion: "1.0"
    redisHost: "127.0.0.1"
    redisPort: "${port}"
    redisInputQueue: "${name}"
    redisOutputQueue: "${resultPrefix(name)}"
    inputCompileType: "instance"
    features: []
`,
  );
  return `modelMetaDataList:\n${items.join('')}`;
}
