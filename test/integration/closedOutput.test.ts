import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cliCommands, type CliCommandName } from '../../schemas/programs/cliCommands.ts';
import { groupedCommands, type CommandGroupName, type CommandOf } from '../../schemas/programs/cliGroups.ts';
import { secretVariables } from '../../schemas/encryption.ts';
import { runtimes } from '../../schemas/runtimes.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

let shop: Workshop;
let redis: TestRedis;
let config: string;

beforeAll(async () => {
  shop = openWorkshop();
  redis = await startRedis();
  config = shop.config('served', text('served', redis.port));
  await shop.must('start', '-c', config);
});
afterAll(async () => {
  await shop.close();
  await redis.stop();
});

const text = (jobName: string, port: number) =>
  `modelPath: ${join(models, 'echo')}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${port}\n`;

/** Runs a command whose reader has gone before it says its first word, as `command | head -0`.
 *  @param both  the standard error, too */
function withoutReader(args: readonly string[], both = false) {
  const child = spawn(process.execPath, [join(root, 'bin', 'cluster-serving.cjs'), ...args], {
    cwd: shop.folder,
    env: {
      ...process.env,
      CLUSTER_SERVING_STATE: shop.state,
      [secretVariables.model.secret]: 'secret',
      [secretVariables.model.salt]: 'salt',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let stderr = '';
  if (both) child.stderr.destroy();
  else child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  return { child, ended, stderr: () => stderr };
}

const json = () => {
  const file = join(shop.folder, 'instances.json');
  writeFileSync(file, JSON.stringify({ instances: [{ x: [1, 2] }] }));
  return file;
};

interface Call {
  readonly args: readonly string[];
  readonly code: number;
  /** What the standard error says of something else than the reader. */
  readonly says?: string;
}

/** Arguments with which each command has something to do, and the exit code that it then deserves. A new command has to be
 *  added here. */
const calls: Record<CliCommandName, () => Call> = {
  init: () => ({ args: [], code: 0 }),
  doctor: () => ({ args: ['-c', config], code: 0 }),
  list: () => ({ args: ['-c', config], code: 0 }),
  status: () => ({ args: ['-c', config], code: 0 }),
  logs: () => ({ args: ['-c', config], code: 0 }),
  predict: () => ({ args: ['-c', config, json()], code: 0 }),
  lint: () => ({ args: [shop.config('odd', 'modelPath: x\nbatchSize: many\n')], code: 1 }),
  completion: () => ({ args: ['bash'], code: 0 }),
  bench: () => ({ args: ['-c', config, '--concurrency', '1', '--duration', '1', '--warm-up', '1'], code: 0 }),
  watch: () => ({ args: ['-c', config, '--interval', '50'], code: 0 }),
  start: () => ({ args: ['-c', shop.config('new', text('new', redis.port)), '--json'], code: 0 }),
  restart: () => ({ args: ['-c', shop.config('new', text('new', redis.port)), '--json'], code: 0 }),
  reload: () => ({ args: ['-c', config], code: 0 }),
  rollout: () => ({ args: ['-c', config], code: 0 }),
  rollback: () => ({ args: ['-c', config], code: 1, says: 'There is nothing to go back to' }),
  stop: () => ({ args: ['new'], code: 0 }),
  mcp: () => ({ args: [], code: 0 }),
  model: () => ({ args: [join(models, 'mlp')], code: 0 }),
  convert: () => ({
    args: [join(models, '../caffe/lenet'), '--out', join(shop.folder, 'converted', 'net.onnx')],
    code: 0,
  }),
  'encrypt-model': () => ({
    args: [join(models, 'mlp'), '--out', join(shop.folder, 'encrypted')],
    code: 0,
  }),
  http: () => ({ args: ['-c', config, '--port=0', '--interface=127.0.0.1'], code: 0 }),
  shutdown: () => ({ args: ['-c', shop.config('other', text('other', redis.port)), '--yes'], code: 0 }),
};

type Calls<Name extends string> = Readonly<
  Record<Name, () => { readonly args: readonly string[]; readonly code: number }>
>;

const groupCalls: { readonly [Group in CommandGroupName]: Calls<CommandOf<Group>> } = {
  queue: {
    list: () => ({ args: ['-c', config], code: 0 }),
    waiting: () => ({ args: ['-c', config], code: 0 }),
    pending: () => ({ args: ['-c', config], code: 0 }),
    dead: () => ({ args: ['-c', config], code: 0 }),
    peek: () => ({ args: ['-c', config], code: 0 }),
    requeue: () => ({ args: ['-c', config, '--all'], code: 0 }),
    kill: () => ({ args: ['-c', config, '1-1'], code: 1 }),
    undo: () => {
      const report = join(shop.folder, 'report.json');
      const undo = { change: 'kill', records: [{ id: '1-1' }] };
      writeFileSync(report, JSON.stringify({ jobName: 'served', undo }));
      return { args: ['-c', config, report], code: 1 };
    },
    clear: () => ({ args: ['-c', config, '--dead', '--yes'], code: 0 }),
    'send-test': () => ({ args: ['-c', config], code: 0 }),
  },
  secret: { set: () => ({ args: ['-c', config], code: 0 }) },
  runtime: {
    // It is there already.
    install: () => {
      mkdirSync(join(shop.state, 'runtimes', `openvino-${runtimes.openvino.install.version}`), {
        recursive: true,
      });
      return { args: ['openvino'], code: 0 };
    },
    list: () => ({ args: [], code: 0 }),
    remove: () => ({ args: ['openvino'], code: 0 }),
  },
};

describe('a command whose output is not read does its work, reports nothing about that, and ends with the code it deserves', () => {
  const ends = (Object.keys(calls) as CliCommandName[]).filter(
    (name) => !(cliCommands[name] as { readonly follows?: boolean }).follows && name !== 'shutdown',
  );
  test.each(groupedCommands)('%s %s', async (group, name) => {
    const { args, code } = (groupCalls[group] as Calls<string>)[name]?.() ?? { args: [], code: -1 };
    const { ended, stderr } = withoutReader([group, name, ...args]);
    expect(await ended).toEqual([code, null]);
    expect(stderr()).toBe('');
  });

  test.each(ends)('%s', async (name) => {
    const { args, code, says } = calls[name]();
    const { ended, stderr } = withoutReader([name, ...args]);
    expect(await ended).toEqual([code, null]);
    expect(stderr()).toEqual(says === undefined ? '' : expect.stringContaining(says));
  });

  test('watch, mcp and queue list --follow, which have nothing else to do', async () => {
    for (const args of [
      ['watch', ...calls.watch().args],
      ['mcp', ...calls.mcp().args],
      ['queue', 'list', '-c', config, '--follow', '--interval', '50'],
      ['logs', '-c', config, '--follow'],
    ]) {
      const { ended, stderr } = withoutReader(args);
      expect(await ended).toEqual([0, null]);
      expect(stderr()).toBe('');
    }
  });

  test('http serves on until it is stopped', async () => {
    const port = await freePort();
    const { child, ended, stderr } = withoutReader([
      'http',
      '-c',
      config,
      `--port=${port}`,
      '--interface=127.0.0.1',
    ]);
    const live = async () => (await fetch(`http://127.0.0.1:${port}/live`).catch(() => undefined))?.status;
    while ((await live()) !== 200) expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(stderr()).toBe('');
  });

  test('the table above knows every command', () => {
    expect(Object.keys(calls).sort()).toEqual(Object.keys(cliCommands).sort());
  });

  test('a start that fails takes back what it has started, though its reason is not read', async () => {
    const port = await freePort();
    const bad = shop.config('bad', text('bad', port).replace('echo', 'nowhere'));
    const { ended } = withoutReader(['start', '-c', bad, '--json'], true);
    expect(await ended).toEqual([1, null]);
    const slow = shop.config('slow', text('slow', port));
    const start = withoutReader(['start', '-c', slow, '--json'], true);
    start.child.kill('SIGHUP');
    const [code, signal] = await start.ended;
    // Before it listens to signals it is ended by one, and has started nothing.
    expect(code ?? signal).toSatisfy((end: unknown) => end === 1 || end === 'SIGHUP');
    expect((await shop.cli('list', '-c', slow)).stdout).toContain('refuses the connection');
  });

  test('shutdown', async () => {
    const { ended, stderr } = withoutReader(['shutdown', ...calls.shutdown().args]);
    expect(await ended).toEqual([0, null]);
    expect(stderr()).toBe('');
  });
});
