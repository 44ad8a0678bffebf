import { messageOf, ServingError } from '../../../schemas/errors.ts';
import { taskLines, type TaskAction } from '../../../schemas/editor/editorTasks.ts';
import type { Cli } from '../jobs/cli.ts';

export interface TaskRun {
  readonly cli: Pick<Cli, 'run' | 'stream'>;
  readonly configPath: string;
  readonly jobName: string;
  readonly write: (line: string) => void;
  /** Aborted when the user ends the task. */
  readonly signal: AbortSignal;
}

/** Does the work of a task. A start that has succeeded goes on with the job's log until the user ends the task; the job
 *  itself goes on, as after a start from a view. A job that runs already is no failure: what waits for the task needs no more.
 *  @returns the exit code */
export function runTask(action: TaskAction, run: TaskRun): Promise<number> {
  return action === 'start' ? start(run) : stop(run);
}

async function start(run: TaskRun): Promise<number> {
  const { cli, configPath, jobName, write, signal } = run;
  write(taskLines.starting(jobName));
  try {
    await cli.run(['start', '--json', '-c', configPath], {
      signal,
      onLine: ({ step, needs }) => {
        if (typeof step === 'string') write(step);
        // It waits until the secret of its model is there.
        if (typeof needs === 'object' && needs !== null && 'message' in needs) write(String(needs.message));
      },
    });
    if (signal.aborted) return 1;
    write(taskLines.serving(jobName));
  } catch (error) {
    if (!(error instanceof ServingError) || error.code !== 'job-running') {
      for (const line of messageOf(error).split('\n')) write(line);
      write(taskLines.failed(jobName));
      return 1;
    }
    write(taskLines.wasServing(jobName));
  }
  return followLog(run);
}

async function stop({ cli, configPath, jobName, write, signal }: TaskRun): Promise<number> {
  try {
    await cli.run(['stop', '--json', '-c', configPath], { signal });
    write(`"${jobName}" is stopped.`);
    return 0;
  } catch (error) {
    for (const line of messageOf(error).split('\n')) write(line);
    return 1;
  }
}

/** Until the user ends the task, or there is no more to follow. */
function followLog({ cli, configPath, jobName, write, signal }: TaskRun): Promise<number> {
  return new Promise((resolve) => {
    const log = cli.stream(['logs', jobName, '--follow', '-c', configPath], write, (stderr) => {
      if (stderr !== '') write(stderr);
      resolve(0);
    });
    const end = () => void log.stop().then(() => resolve(0));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
