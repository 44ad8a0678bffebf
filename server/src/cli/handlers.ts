import type { CliCommandName } from '../../../schemas/programs/cliCommands.ts';
import type { CommandGroupName, CommandOf } from '../../../schemas/programs/cliGroups.ts';

/** What a command is called with. */
export interface Call {
  /** Its arguments; with one name at most, the first. */
  readonly args: readonly string[];
  /** Under their long names in camel case; each command says of what types the table makes them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What followed `http`, unread. */
  readonly rest: readonly string[];
  /** Where the bundles are. */
  readonly programFolder: string;
  readonly version: string;
}

/** @returns the exit code */
type Handler = (call: Call) => Promise<number>;

/** Each is loaded when it is called: `--version` must cost nothing. */
export const handlers: Readonly<Record<CliCommandName, Handler>> = {
  init: async (call) => (await import('./init.ts')).init(call.options),
  start: async (call) => (await import('./jobs/start.ts')).start(call.options as never, call.programFolder),
  stop: async (call) => (await import('./jobs/stop.ts')).stop(call.args[0], call.options as never),
  reload: async (call) =>
    (await import('./jobs/reload.ts')).reload(call.args[0], call.options as never, 'command'),
  rollback: async (call) =>
    (await import('./jobs/reload.ts')).reload(call.args[0], call.options as never, 'rollback'),
  rollout: async (call) => (await import('./jobs/rollout.ts')).rollout(call.args[0], call.options as never),
  restart: async (call) =>
    (await import('./jobs/restart.ts')).restart(call.options as never, call.programFolder),
  list: async (call) => (await import('./jobs/list.ts')).list(call.options as never),
  status: async (call) => (await import('./jobs/status.ts')).status(call.args[0], call.options as never),
  logs: async (call) => (await import('./jobs/logs.ts')).logs(call.args[0], call.options as never),
  predict: async (call) => (await import('./predict.ts')).predict(call.args, call.options as never),
  bench: async (call) => (await import('./bench/bench.ts')).bench(call.args[0], call.options as never),
  watch: async (call) => (await import('./jobs/watch.ts')).watch(call.options as never),
  doctor: async (call) => (await import('./doctor.ts')).doctor(call.options as never, call.programFolder),
  lint: async (call) => (await import('./lint.ts')).lint(call.args, call.options as never, call.version),
  model: async (call) =>
    (await import('./model.ts')).model(call.args[0] ?? '', call.options, call.programFolder),
  shutdown: async (call) => (await import('./jobs/shutdown.ts')).shutdownCommand(call.options as never),
  convert: async (call) => (await import('./convert.ts')).convert(call.args[0] ?? '', call.options),
  'encrypt-model': async (call) =>
    (await import('./encryptModel.ts')).encryptModel(call.args[0] ?? '', call.options as never),
  http: async (call) => (await import('./http.ts')).http(call.rest, call.programFolder),
  mcp: async (call) => (await import('./mcp.ts')).mcp(call.options, call.programFolder, call.version),
  completion: async (call) => (await import('./completion.ts')).completion(call.args[0] ?? ''),
};

export const groupHandlers: {
  readonly [Group in CommandGroupName]: Readonly<Record<CommandOf<Group>, Handler>>;
} = {
  queue: {
    list: async (call) => (await import('./queue/list.ts')).list(call.args, call.options as never),
    waiting: async (call) =>
      (await import('./queue/waiting.ts')).waiting(call.args[0], call.options as never),
    pending: async (call) =>
      (await import('./queue/pending.ts')).pending(call.args[0], call.options as never),
    dead: async (call) => (await import('./queue/dead.ts')).dead(call.args[0], call.options as never),
    peek: async (call) => (await import('./queue/peek.ts')).peek(call.args[0], call.options as never),
    requeue: async (call) =>
      (await import('./queue/requeue.ts')).requeueCommand(call.args, call.options as never),
    kill: async (call) => (await import('./queue/kill.ts')).killCommand(call.args, call.options as never),
    undo: async (call) => (await import('./queue/undo.ts')).undoCommand(call.args[0], call.options as never),
    clear: async (call) => (await import('./queue/clear.ts')).clear(call.args[0], call.options as never),
    'send-test': async (call) =>
      (await import('./queue/sendTest.ts')).sendTest(call.args[0], call.options as never),
  },
  secret: {
    set: async (call) => (await import('./secret/set.ts')).set(call.options as never),
  },
  runtime: {
    install: async (call) =>
      (await import('./runtime/install.ts')).install(call.args[0] ?? '', call.options, call.programFolder),
    list: async (call) => (await import('./runtime/list.ts')).list(call.options),
    remove: async (call) => (await import('./runtime/remove.ts')).remove(call.args[0] ?? '', call.options),
  },
};
