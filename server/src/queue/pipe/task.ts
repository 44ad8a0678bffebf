import type { Readable, Writable } from 'node:stream';
import { recordWords } from '../redis/recordFields.ts';
import type { Reply } from '../redis/replyParser.ts';
import { createMessageReader, writeMessage, type Item } from './messages.ts';

/** The task on Flink that has started this process and holds the other end of its pipe. */
export interface Task {
  /** What the process is started for. */
  readonly job: Promise<string>;
  /** Says something that needs no answer. */
  send(name: string, ...items: readonly Item[]): void;
  /** Asks for something. @returns the items of the answer @throws TaskRefusal */
  call(name: string, ...items: readonly Item[]): Promise<readonly Reply[]>;
  /** Called with the records of each read; set before the first can come, which is after "ready". */
  onRecords: (records: readonly Reply[]) => void;
  /** Called when no more records come. */
  onEnd: () => void;
}

/** What the task could not do in Redis, in the words of its client. */
export class TaskRefusal extends Error {
  override name = 'TaskRefusal';
  /** Redis was reached, and these are its words. */
  readonly wasReached: boolean;

  constructor(message: string, wasReached: boolean) {
    super(message);
    this.wasReached = wasReached;
  }
}

interface Asked {
  readonly resolve: (items: readonly Reply[]) => void;
  readonly reject: (error: Error) => void;
}

/** @param onGone  called when the pipe ends, however that happened: what is still done here reaches no reader */
export function connectTask(input: Readable, output: Writable, onGone: () => void): Task {
  const waiting = new Map<number, Asked>();
  let lastCall = 0;
  let startJob: (json: string) => void = () => undefined;
  const task: Task = {
    job: new Promise((resolve) => {
      startJob = resolve;
    }),
    send(name, ...items) {
      writeMessage(output, [name, ...items]);
    },
    call(name, ...items) {
      lastCall += 1;
      const call = lastCall;
      return new Promise((resolve, reject) => {
        waiting.set(call, { resolve, reject });
        writeMessage(output, [name, call, ...items]);
      });
    },
    onRecords: () => undefined,
    onEnd: () => undefined,
  };

  function answer(isDone: boolean, [call, ...items]: readonly Reply[]): void {
    const asked = waiting.get(Number(call));
    waiting.delete(Number(call));
    if (isDone) asked?.resolve(items);
    else asked?.reject(new TaskRefusal(String(items[1]), items[0] === 1));
  }

  const read = createMessageReader(recordWords, ([name, ...items]) => {
    if (name === 'records') task.onRecords(items[0] as readonly Reply[]);
    else if (name === 'ok' || name === 'no') answer(name === 'ok', items);
    else if (name === 'end') task.onEnd();
    else if (name === 'job') startJob(String(items[0]));
  });
  input.on('data', read);
  for (const event of ['end', 'error', 'close']) input.once(event, onGone);
  output.once('error', onGone);
  return task;
}
