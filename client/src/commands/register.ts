import { commands as editorCommands } from 'vscode';
import { commandId, type CommandName } from '../../../schemas/commands.ts';
import type { App, Handler } from '../app.ts';
import type { Disposing } from '../disposing.ts';
import { addExample } from './addExample.ts';
import { addServing } from './addServing.ts';
import { clearDead } from './clearDead.ts';
import { clearWaiting } from './clearWaiting.ts';
import { convertConfig } from './convertConfig.ts';
import { copyClientSnippet } from './copyClientSnippet.ts';
import { copyRecord } from './copyRecord.ts';
import { createConfig } from './createConfig.ts';
import { doctor } from './doctor.ts';
import { killRecord } from './killRecord.ts';
import { leaveAlone } from './leaveAlone.ts';
import { moreRecords } from './moreRecords.ts';
import { openConfig } from './openConfig.ts';
import { openFlinkUi } from './openFlinkUi.ts';
import { openHttpDocs } from './openHttpDocs.ts';
import { openLogFile } from './openLogFile.ts';
import { openMonitor } from './openMonitor.ts';
import { peekRecord } from './peekRecord.ts';
import { pinJob } from './pinJob.ts';
import { predictSelection } from './predictSelection.ts';
import { refreshQueues } from './refreshQueues.ts';
import { reportIssue } from './reportIssue.ts';
import { requeueAll } from './requeueAll.ts';
import { requeueRecord } from './requeueRecord.ts';
import { restartJob } from './restartJob.ts';
import { restartLanguageServer } from './restartLanguageServer.ts';
import { sendTestRecord } from './sendTestRecord.ts';
import { showLogs } from './showLogs.ts';
import { showStatus } from './showStatus.ts';
import { shutDown } from './shutDown.ts';
import { startHttp } from './startHttp.ts';
import { startJob } from './startJob.ts';
import { stopAllJobs } from './stopAllJobs.ts';
import { stopHttp } from './stopHttp.ts';
import { stopJob } from './stopJob.ts';
import { storePassword } from './storePassword.ts';
import { takeAsConfig } from './takeAsConfig.ts';
import { tryJob } from './tryJob.ts';
import { unpinJob } from './unpinJob.ts';

/** A command of the table without a handler, or a handler without a row there, does not compile. */
const handlers: Readonly<Record<CommandName, (app: App) => Handler>> = {
  addExample,
  addServing,
  clearDead,
  clearWaiting,
  convertConfig,
  copyClientSnippet,
  copyRecord,
  createConfig,
  doctor,
  killRecord,
  leaveAlone,
  moreRecords,
  openConfig,
  openFlinkUi,
  openHttpDocs,
  openLogFile,
  openMonitor,
  peekRecord,
  pinJob,
  predictSelection,
  refreshQueues,
  reportIssue,
  requeueAll,
  requeueRecord,
  restartJob,
  restartLanguageServer,
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
  takeAsConfig,
  tryJob,
  unpinJob,
};

export function registerCommands(app: App): readonly Disposing[] {
  return Object.entries(handlers).map(([name, create]) =>
    editorCommands.registerCommand(commandId(name as CommandName), create(app)),
  );
}
