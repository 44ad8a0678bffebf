import { taskActions, taskType, type TaskAction } from '../../../schemas/editor/editorTasks.ts';

/** A task as tasks.json has it. */
export interface JobTask {
  readonly type: typeof taskType;
  readonly action: TaskAction;
  /** The path of the config, from the folder of the workspace. */
  readonly config: string;
}

/** What a tasks.json says, where it is a task of a job; undefined where something is missing or wrong. */
export function readJobTask(written: Readonly<Record<string, unknown>>): JobTask | undefined {
  const { type, action = 'start', config } = written;
  const known = taskActions.find((each) => each === action);
  return type === taskType && known !== undefined && typeof config === 'string' && config !== ''
    ? { type, action: known, config }
    : undefined;
}

/** The name of a task, behind the source: `cluster-serving: start digits`. */
export function taskName(action: TaskAction, jobName: string): string {
  return `${action} ${jobName}`;
}

interface Found {
  readonly path: string;
  readonly jobName: string;
}

/** The tasks of the configs in a folder of the workspace.
 *  @param relativePath  of a config, from that folder, with slashes */
export function tasksOf<Config extends Found>(
  configs: readonly Config[],
  relativePath: (config: Config) => string,
): readonly { readonly name: string; readonly config: Config; readonly definition: JobTask }[] {
  const names = configs.map(({ jobName }) => jobName);
  return configs.flatMap((config) => {
    const path = relativePath(config);
    // Tasks are chosen by their names, as in a launch.json.
    const isShared = names.filter((name) => name === config.jobName).length > 1;
    const jobName = isShared ? `${config.jobName} (${path})` : config.jobName;
    return taskActions.map((action) => ({
      name: taskName(action, jobName),
      config,
      definition: { type: taskType, action, config: path },
    }));
  });
}
