import {
  CustomExecution,
  EventEmitter,
  Task,
  Uri,
  tasks,
  workspace,
  type Pseudoterminal,
  type TaskDefinition,
  type WorkspaceFolder,
} from 'vscode';
import { taskMatcher, taskType } from '../../../schemas/editor/editorTasks.ts';
import type { App } from '../app.ts';
import type { Disposing } from '../disposing.ts';
import { runTask } from './runTask.ts';
import { readJobTask, taskName, tasksOf, type JobTask } from './taskDefinition.ts';

/** Tasks that start and stop the jobs of the workspace's configs, for `preLaunchTask` and `postDebugTask`. */
export function registerTasks(app: App): Disposing {
  return tasks.registerTaskProvider(taskType, {
    async provideTasks() {
      const configs = await app.configs.all();
      return (workspace.workspaceFolders ?? []).flatMap((folder) => {
        const own = configs.filter(({ uri }) => workspace.getWorkspaceFolder(uri)?.index === folder.index);
        return tasksOf(own, ({ uri }) => workspace.asRelativePath(uri, false)).map(
          ({ name, config, definition }) =>
            makeTask(app, folder, name, definition, definition, config.jobName),
        );
      });
    },
    async resolveTask({ definition, scope }) {
      const read = readJobTask(definition);
      const folder = typeof scope === 'object' ? scope : workspace.workspaceFolders?.[0];
      if (!read || !folder) return undefined;
      const path = Uri.joinPath(folder.uri, read.config).fsPath;
      const jobName =
        (await app.configs.all()).find((config) => config.path === path)?.jobName ?? read.config;
      // The editor knows the task by the definition that it gave.
      return makeTask(app, folder, taskName(read.action, jobName), definition, read, jobName);
    },
  });
}

function makeTask(
  app: App,
  folder: WorkspaceFolder,
  name: string,
  definition: TaskDefinition,
  { action, config }: JobTask,
  jobName: string,
): Task {
  const configPath = Uri.joinPath(folder.uri, config).fsPath;
  const execution = new CustomExecution(() =>
    Promise.resolve(terminalOf(app, { action, configPath, jobName })),
  );
  const task = new Task(definition, folder, name, taskType, execution, `$${taskMatcher.name}`);
  task.isBackground = action === 'start';
  return task;
}

interface Work {
  readonly action: JobTask['action'];
  readonly configPath: string;
  readonly jobName: string;
}

function terminalOf(app: App, { action, ...work }: Work): Pseudoterminal {
  const written = new EventEmitter<string>();
  const closed = new EventEmitter<number>();
  const abort = new AbortController();
  return {
    onDidWrite: written.event,
    onDidClose: closed.event,
    open() {
      const write = (line: string) => written.fire(`${line}\r\n`);
      void runTask(action, { cli: app.cli, ...work, write, signal: abort.signal }).then((code) => {
        closed.fire(code);
      });
    },
    close: () => abort.abort(),
  };
}
