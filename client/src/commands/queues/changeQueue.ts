import { l10n } from 'vscode';
import type { ChangeReport } from '../../../../schemas/redis/queueReports.ts';
import type { App } from '../../app.ts';
import type { QueueName } from '../../jobs/queues/queues.ts';
import { inOrder } from '../../jobs/several/inOrder.ts';
import type { Outcome, Refusal } from '../../jobs/several/runEach.ts';
import { reportError } from '../report.ts';
import { reportOutcome, type Next } from '../several/reportOutcome.ts';

/** What a command has done to a queue. */
interface Changed {
  readonly queue: QueueName;
  readonly report: ChangeReport;
}

/** Runs what changes queues, says what of it cannot be done, and reads the queues again. */
export async function changeQueue(app: App, change: () => Promise<void>): Promise<void> {
  try {
    await change();
    app.queues.watcher.restart();
  } catch (error) {
    await reportError(app.log, error);
  }
}

/** Moves records of queues, and reports the outcome with the way back.
 *  @param refused  records that were selected and are nothing for the command */
export async function moveRecords<T extends { readonly queue: QueueName }>(
  app: App,
  items: readonly T[],
  move: (item: T) => Promise<ChangeReport>,
  refused: readonly Refusal[] = [],
): Promise<void> {
  await changeQueue(app, async () => {
    const changed = await inOrder(items, async (item) => ({ queue: item.queue, report: await move(item) }));
    app.queues.watcher.restart();
    const outcome = outcomeOf(changed, refused);
    const { done } = outcome;
    const isUndoable = changed.every(({ report }) => report.done === 0 || report.undo);
    const moved = done === 1 ? l10n.t('1 record was moved.') : l10n.t('{0} records were moved.', done);
    const text = isUndoable ? moved : l10n.t('{0} Kafka only appends, so this cannot be undone.', moved);
    await reportOutcome(app, outcome, text, isUndoable ? undoOf(app, changed) : undefined);
  });
}

function undoOf(app: App, changed: readonly Changed[]): Next {
  const title = l10n.t('Undo');
  return {
    title,
    act: () =>
      changeQueue(app, async () => {
        const undone = await inOrder(
          changed.filter(({ report }) => report.undo),
          async ({ queue, report }) => ({ queue, report: await app.queues.undo(queue, report) }),
        );
        app.queues.watcher.restart();
        const outcome = outcomeOf(undone, []);
        await reportOutcome(
          app,
          outcome,
          outcome.done === 1
            ? l10n.t('1 record is back where it was')
            : l10n.t('{0} records are back where they were', outcome.done),
        );
      }),
  };
}

/** Records of several queues are named with their queue. */
function outcomeOf(changed: readonly Changed[], more: readonly Refusal[]): Outcome {
  const refused = changed.flatMap(({ queue: { jobName }, report }) =>
    report.refused.map(({ id, why }) => ({ name: changed.length === 1 ? id : `${jobName} ${id}`, why })),
  );
  const done = changed.reduce((sum, { report }) => sum + report.done, 0);
  return { done, refused: [...refused, ...more] };
}
