import { describe, expect, test } from 'vitest';
import { jobRows, recordRows, rowsOf, type CommandName } from '../../../../schemas/editor/commands.ts';
import { chosenRows } from '../../../../client/src/jobs/several/chosenRows.ts';

interface Node {
  readonly id: string;
  readonly context: string;
}

const rowOf = (node: unknown) => node as Node | undefined;
const node = (id: string, context: string): Node => ({ id, context });

function choose(name: CommandName, counted: typeof jobRows, clicked: Node, selection: unknown) {
  const rows = rowsOf(name) ?? counted;
  const { fit, unfit } = chosenRows(clicked, selection, rowOf, { rows, counted });
  return { fit: fit.map(({ id }) => id), unfit: unfit.map(({ id }) => id) };
}

describe('jobs', () => {
  const idle = node('idle', 'config here embedded');
  const green = node('green', 'running here embedded pinned');
  const far = node('far', 'running elsewhere flink');
  const ending = node('ending', 'stopping here embedded');
  const figure = node('green/queue', 'queue');
  const model = node('green/model', 'model');
  const all = [idle, green, figure, model, far, ending];

  test('an action acts on all selected jobs that have it, and names those that have not', () => {
    expect(choose('stopJob', jobRows, green, all)).toEqual({
      fit: ['green', 'far'],
      unfit: ['idle', 'ending'],
    });
    expect(choose('startJob', jobRows, idle, all)).toEqual({
      fit: ['idle'],
      unfit: ['green', 'far', 'ending'],
    });
    expect(choose('restartJob', jobRows, green, all)).toEqual({
      fit: ['green'],
      unfit: ['idle', 'far', 'ending'],
    });
  });

  test('rows that are a part of a job stand for nothing', () => {
    expect(choose('stopJob', jobRows, green, [figure, model, green])).toEqual({ fit: ['green'], unfit: [] });
  });

  test('a job that is clicked beside the selection is meant alone', () => {
    expect(choose('stopJob', jobRows, green, [far, idle])).toEqual({ fit: ['green'], unfit: [] });
    expect(choose('stopJob', jobRows, green, undefined)).toEqual({ fit: ['green'], unfit: [] });
    expect(choose('stopJob', jobRows, green, [])).toEqual({ fit: ['green'], unfit: [] });
  });

  test('a row that was drawn again since it was selected is the same row, and counts once', () => {
    const again = { ...green };
    expect(choose('stopJob', jobRows, again, [green, again, far])).toEqual({
      fit: ['green', 'far'],
      unfit: [],
    });
  });
});

describe('records', () => {
  const waits = node('q/waiting/1', 'waitingRecord');
  const held = node('q/pending/2', 'pendingRecord');
  const dead = node('other/dead/3', 'deadRecord');
  const list = node('q/waiting', 'waiting');

  test('records of all lists and queues go together where the action is the same', () => {
    expect(choose('killRecord', recordRows, waits, [waits, held, dead, list])).toEqual({
      fit: [waits.id, held.id],
      unfit: [dead.id],
    });
    expect(choose('requeueRecord', recordRows, dead, [waits, dead])).toEqual({
      fit: [dead.id],
      unfit: [waits.id],
    });
  });
});
