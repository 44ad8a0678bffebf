import { Range, Selection, TextEditorRevealType, Uri, WorkspaceEdit, l10n, window, workspace } from 'vscode';
import type { ConfigFix } from '../../../../schemas/pages.ts';
import type { App } from '../../app.ts';
import { raised } from '../../jobs/raised.ts';
import { configOfJob } from '../../jobs/places.ts';
import { reportError, sayByHand } from '../report.ts';

/** Writes twice the value into the config of a job, and shows it. It is neither saved nor put to use: what else runs on the
 *  machine only the user knows. */
export async function raiseValue(app: App, { jobName, redis, key }: ConfigFix): Promise<void> {
  try {
    const configs = await app.configs.all();
    const job = app.store.jobs().find((one) => one.jobName === jobName && one.redis === redis);
    const path = job && configOfJob(job, configs);
    if (path === undefined) {
      await window.showInformationMessage(l10n.t('The config of "{0}" is not on this machine.', jobName));
      return;
    }
    const document = await workspace.openTextDocument(Uri.file(path));
    const facts = await app.language.facts(document.uri, document.getText());
    if (!facts) return;
    const change = raised(facts.tuning, key);
    const text = await app.language.setValues(document.getText(), { [change.key]: String(change.to) });
    if (text === undefined) {
      await sayByHand(document.uri);
      return;
    }
    const edit = new WorkspaceEdit();
    edit.replace(document.uri, document.validateRange(new Range(0, 0, document.lineCount, 0)), text);
    await workspace.applyEdit(edit);
    const editor = await window.showTextDocument(document);
    const line = text.split('\n').findIndex((one) => one.trimStart().startsWith(`${change.key}:`));
    if (line >= 0) {
      editor.selection = new Selection(line, 0, line, document.lineAt(line).text.length);
      editor.revealRange(editor.selection, TextEditorRevealType.InCenterIfOutsideViewport);
    }
    await window.showInformationMessage(
      l10n.t(
        '{0} is {1} now in place of {2}. Save the config and restart "{3}" to use it.',
        change.key,
        change.to,
        change.from,
        jobName,
      ),
    );
  } catch (error) {
    await reportError(app.log, error);
  }
}
