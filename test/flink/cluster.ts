import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort } from '../support/redis.ts';

/** The Flink that scripts/machine/ensureFlink.mjs put there. */
export const flinkHome = process.env.FLINK_HOME ?? '';
if (flinkHome === '') throw new Error('FLINK_HOME is not set; run "npm run test:flink".');

/** A real Flink of the test's own: a JobManager and TaskManagers, each a process with a folder of its own. */
export interface Cluster {
  readonly port: number;
  /** host:port of its REST interface. */
  readonly url: string;
  readonly taskManagers: readonly TaskManager[];
  rest(path: string): Promise<unknown>;
  addTaskManager(options?: TaskManagerOptions): Promise<TaskManager>;
  /** `flink` of the distribution, against this cluster. */
  flink(...args: string[]): { readonly code: number; readonly stdout: string };
  stop(): Promise<void>;
}

export interface TaskManager {
  readonly pid: number;
  readonly folder: string;
  kill(): Promise<void>;
}

export interface TaskManagerOptions {
  readonly slots?: number;
  /** Further options of its Java. */
  readonly java?: string | undefined;
  /** Numeric id of the system's user that it runs as; the tests' own without it. */
  readonly user?: number | undefined;
}

interface TaskManagers {
  readonly taskmanagers: readonly { readonly id: string; readonly slotsNumber: number }[];
}

export async function startCluster(slots = 4): Promise<Cluster> {
  const port = await freePort();
  const rpcPort = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'cluster-serving-flink-'));
  chmodSync(folder, 0o755);
  const url = `localhost:${port}`;
  const taskManagers: TaskManager[] = [];
  const children: ChildProcess[] = [];
  const common: Readonly<Record<string, string | number>> = {
    'rest.port': port,
    'rest.bind-port': port,
    'jobmanager.rpc.address': '127.0.0.1',
    'jobmanager.rpc.port': rpcPort,
    // A TaskManager that is killed is to be noticed while a test waits.
    'heartbeat.interval': 1_000,
    'heartbeat.timeout': 8_000,
  };

  function run(name: string, program: string, more: typeof common, { user, java = '' }: TaskManagerOptions = {}) {
    const own = join(folder, name);
    for (const part of ['pids', 'log', 'tmp']) mkdirSync(join(own, part), { recursive: true });
    let home = flinkHome;
    if (user !== undefined) {
      spawnSync('chown', ['-R', String(user), own]);
      // The cache lies in the home folder of the tests' own user, which another cannot look into.
      home = join(folder, 'flink');
      cpSync(flinkHome, home, { recursive: true });
    }
    const settings = { ...common, 'io.tmp.dirs': join(own, 'tmp'), ...more };
    const options = Object.entries(settings).flatMap(([key, value]) => ['-D', `${key}=${value}`]);
    const log = join(own, 'log');
    const child = spawn(join(home, 'bin', program), ['start-foreground', ...options], {
      cwd: own,
      env: {
        ...process.env,
        FLINK_LOG_DIR: log,
        FLINK_PID_DIR: join(own, 'pids'),
        HOME: own,
        TMPDIR: join(own, 'tmp'),
        JAVA_TOOL_OPTIONS: `-Djava.io.tmpdir=${join(own, 'tmp')} ${java}`,
      },
      stdio: 'ignore',
      ...(user === undefined ? {} : { uid: user, gid: user }),
    });
    children.push(child);
    return { child, own };
  }

  async function addTaskManager({ slots: own = slots, user, java }: TaskManagerOptions = {}): Promise<TaskManager> {
    const before = new Set(await taskManagerIds());
    const name = `taskmanager-${taskManagers.length}`;
    const { child, own: home } = run(
      name,
      'taskmanager.sh',
      {
        'taskmanager.numberOfTaskSlots': own,
        'taskmanager.host': '127.0.0.1',
        'taskmanager.bind-host': '127.0.0.1',
      },
      { user, java },
    );
    await eventually(
      'a TaskManager',
      async () => (await taskManagerIds()).some((id) => !before.has(id)),
      60_000,
    );
    const taskManager = { pid: child.pid ?? 0, folder: home, kill: () => end(child, 'SIGKILL') };
    taskManagers.push(taskManager);
    return taskManager;
  }

  const rest = async (path: string): Promise<unknown> => (await fetch(`http://${url}${path}`)).json();
  /** Of those that have reported their slots. */
  const taskManagerIds = async () => {
    const { taskmanagers } = (await rest('/taskmanagers')) as TaskManagers;
    return taskmanagers.filter(({ slotsNumber }) => slotsNumber > 0).map(({ id }) => id);
  };

  const cluster: Cluster = {
    port,
    url,
    taskManagers,
    rest,
    addTaskManager,
    flink(...[command = '', ...args]) {
      const place = ['-t', 'remote', '-Drest.address=localhost', `-Drest.port=${port}`];
      const { status, stdout } = spawnSync(join(flinkHome, 'bin', 'flink'), [command, ...place, ...args], {
        encoding: 'utf8',
      });
      return { code: status ?? -1, stdout };
    },
    async stop() {
      // At once: nothing of it is kept.
      await Promise.all(children.map((child) => end(child, 'SIGKILL')));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    run('jobmanager', 'jobmanager.sh', {});
    await eventually('a JobManager', () => taskManagerIds().then(() => true, () => false), 60_000);
    if (slots > 0) await addTaskManager();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

/** While a file `.loading` lies beside its config, it does not get ready; a file `.fail` ends it. */
const tinySource = `
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

public class Tiny {
  public static void main(String[] args) throws Exception {
    if (args.length != 2 || !args[0].equals("-c")) throw new IllegalArgumentException("Usage: -c config.yaml");
    String config = java.nio.file.Files.readString(java.nio.file.Path.of(args[1]));
    if (config.contains("two-models")) throw new Error("Only one model is allowed to exist in model folder");
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromSequence(0, Long.MAX_VALUE).map(new Work(args[1])).sinkTo(new DiscardingSink<>());
    env.execute();
  }

  static class Work extends RichMapFunction<Long, Long> {
    private final String config;

    Work(String config) {
      this.config = config;
    }

    @Override
    public void open(OpenContext context) throws Exception {
      while (new java.io.File(config + ".loading").exists()) Thread.sleep(50);
    }

    @Override
    public Long map(Long n) throws Exception {
      Thread.sleep(50);
      if (new java.io.File(config + ".fail").exists()) throw new Error("Model loading failed");
      return n;
    }
  }
}
`;

/** Builds a jar that is started as the original's is, and runs until it is cancelled. @returns its path */
export function buildTinyJar(folder: string): string {
  writeFileSync(join(folder, 'Tiny.java'), tinySource);
  const classes = join(folder, 'classes');
  const libraries = join(flinkHome, 'lib', '*');
  const must = (program: string, ...args: string[]) => {
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${program}: ${stderr}`);
  };
  must('javac', '--release', '11', '-cp', libraries, '-d', classes, join(folder, 'Tiny.java'));
  const jar = join(folder, 'tiny.jar');
  must('jar', 'cf', jar, '-C', classes, '.');
  return jar;
}
