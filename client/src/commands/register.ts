import { commands as editorCommands } from 'vscode';
import { commandId, rowCommandId, rowsOf, type CommandName } from '../../../schemas/editor/commands.ts';
import type { App, Handler } from '../app.ts';
import type { Disposing } from '../disposing.ts';
import { addExample } from './config/addExample.ts';
import { addServing } from './jobs/addServing.ts';
import { clearFilter } from './jobs/arrange/clearFilter.ts';
import { clearDead } from './queues/clearDead.ts';
import { clearWaiting } from './queues/clearWaiting.ts';
import { copyClientSnippet } from './config/copyClientSnippet.ts';
import { copyRecord } from './queues/copyRecord.ts';
import { createConfig } from './config/createConfig.ts';
import { doctor } from './config/doctor.ts';
import { filterJobs } from './jobs/arrange/filterJobs.ts';
import { groupJobs } from './jobs/arrange/groupJobs.ts';
import { killRecord } from './queues/killRecord.ts';
import { installRuntime } from './config/installRuntime.ts';
import { onRow } from './onRow.ts';
import { moreRecords } from './queues/moreRecords.ts';
import { openConfig } from './config/openConfig.ts';
import { openFlinkUi } from './jobs/openFlinkUi.ts';
import { openHttpDocs } from './http/openHttpDocs.ts';
import { openLogFile } from './jobs/openLogFile.ts';
import { openMonitor } from './jobs/openMonitor.ts';
import { openRecords } from './queues/openRecords.ts';
import { openTry } from './jobs/openTry.ts';
import { peekRecord } from './queues/peekRecord.ts';
import { pinJob } from './jobs/pinJob.ts';
import { predictSelection } from './jobs/predictSelection.ts';
import { refreshQueues } from './queues/refreshQueues.ts';
import { requeueAll } from './queues/requeueAll.ts';
import { requeueRecord } from './queues/requeueRecord.ts';
import { reloadJob, rollBackJob } from './jobs/run/reloadJob.ts';
import { restartJob } from './jobs/run/restartJob.ts';
import { sendTestRecord } from './jobs/sendTestRecord.ts';
import { showLogs } from './jobs/showLogs.ts';
import { showStatus } from './jobs/showStatus.ts';
import { shutDown } from './jobs/run/shutDown.ts';
import { languageHandlers } from './registerLanguage.ts';
import { startHttp } from './http/startHttp.ts';
import { startJob } from './jobs/run/startJob.ts';
import { stopAllJobs } from './jobs/run/stopAllJobs.ts';
import { stopHttp } from './http/stopHttp.ts';
import { stopJob } from './jobs/run/stopJob.ts';
import { storePassword } from './jobs/storePassword.ts';
import { tryJob } from './jobs/tryJob.ts';
import { unpinJob } from './jobs/unpinJob.ts';

/** A command of the table without a handler, or a handler without a row there, does not compile. */
const handlers: Readonly<Record<CommandName, (app: App) => Handler>> = {
  ...languageHandlers,
  addExample,
  addServing,
  clearDead,
  clearFilter,
  clearWaiting,
  copyClientSnippet,
  copyRecord,
  createConfig,
  doctor,
  filterJobs,
  groupJobs,
  installRuntime,
  killRecord,
  moreRecords,
  openConfig,
  openFlinkUi,
  openHttpDocs,
  openLogFile,
  openMonitor,
  openRecords,
  openTry,
  peekRecord,
  pinJob,
  predictSelection,
  refreshQueues,
  reloadJob,
  rollBackJob,
  requeueAll,
  requeueRecord,
  restartJob,
  sendTestRecord,
  showLogs,
  showStatus,
  shutDown,
  startHttp,
  startJob,
  stopAllJobs,
  stopHttp,
  stopJob,
  storePassword,
  tryJob,
  unpinJob,
};

export function registerCommands(app: App): readonly Disposing[] {
  return (Object.keys(handlers) as CommandName[]).flatMap((name) => {
    const handler = handlers[name](app);
    const rows = rowsOf(name);
    return [
      editorCommands.registerCommand(commandId(name), handler),
      ...(rows ? [editorCommands.registerCommand(rowCommandId(name), onRow(app, name, rows, handler))] : []),
    ];
  });
}
