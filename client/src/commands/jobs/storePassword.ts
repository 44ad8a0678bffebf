import { Uri, l10n, window, workspace, type TextDocument } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { replaceText } from '../../language/replaceText.ts';
import { sayByHand } from '../report.ts';
import { targetConfig } from '../target.ts';

/** Keeps the value of a variable that a config takes a password from, in the editor's store of secrets. A config that
 *  takes none gets `redisPassword: ${env:…}`. */
export function storePassword(app: App): Handler {
  return async (argument) => {
    const target = await targetConfig(app, argument);
    if (!target) return;
    const document = await workspace.openTextDocument(Uri.file(target.configPath));
    const name = await pickName(app, document);
    if (name === undefined) return;
    const value = await window.showInputBox({
      title: l10n.t('Password for {0}', name),
      prompt: app.secrets.isStored(name)
        ? l10n.t('It replaces the one that is stored; empty forgets it.')
        : l10n.t('The editor keeps it encrypted and gives it to the jobs that it starts.'),
      password: true,
      ignoreFocusOut: true,
    });
    if (value === undefined) return;
    await app.secrets.store(name, value);
    app.watcher.restart();
    window.setStatusBarMessage(
      value === '' ? l10n.t('{0} is forgotten', name) : l10n.t('{0} is stored', name),
      5_000,
    );
  };
}

async function pickName(app: App, document: TextDocument): Promise<string | undefined> {
  const facts = await app.language.facts(document.uri, document.getText());
  if (!facts) return undefined;
  const names = facts.environment;
  if (names.length > 1) return window.showQuickPick(names, { title: l10n.t('Which variable?') });
  return names[0] ?? (await addName(app, document));
}

async function addName(app: App, document: TextDocument): Promise<string | undefined> {
  const add = l10n.t('Add redisPassword');
  const name = 'REDIS_PASSWORD';
  const picked = await window.showInformationMessage(
    l10n.t('{0} takes no password from the environment.', workspace.asRelativePath(document.uri)),
    add,
  );
  if (picked !== add) return undefined;
  const written = await app.language.setValues(document.getText(), { redisPassword: `\${env:${name}}` });
  if (written === undefined) {
    await sayByHand(document.uri);
    return undefined;
  }
  await replaceText(document, written);
  return name;
}
