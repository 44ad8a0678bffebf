import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { Uri, l10n, window, workspace } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { freeName } from '../../jobs/freeName.ts';
import { sayByHand } from '../report.ts';
import { executeOwn } from '../execute.ts';
import { targetConfig } from '../target.ts';

/** Makes a config for a second job beside an existing one: a folder and a jobName of its own, the rest as it was. */
export function addServing(app: App): Handler {
  return async (argument) => {
    const source = await targetConfig(app, argument);
    if (!source) return;
    const sourceUri = Uri.file(source.configPath);
    const text = (await workspace.openTextDocument(sourceUri)).getText();
    const facts = await app.language.facts(sourceUri, text);
    if (!facts) return;
    const configs = await app.configs.all();
    const taken = new Set([...configs, ...app.store.jobs()].map(({ jobName }) => jobName));
    const name = await window.showInputBox({
      title: l10n.t('Name of the new job'),
      prompt: l10n.t('It names the job, its stream in Redis and the folder of its config.'),
      value: freeName(taken),
      ignoreFocusOut: true,
      validateInput: (value) =>
        !/^[\w.-]+$/.test(value)
          ? l10n.t('Letters, digits, and . _ -')
          : taken.has(value)
            ? l10n.t('Another job has this name.')
            : undefined,
    });
    if (name === undefined) return;
    const sourceFolder = dirname(source.configPath);
    const root = workspace.getWorkspaceFolder(sourceUri)?.uri.fsPath ?? sourceFolder;
    const folder = join(root, basename(name));
    const isHere = facts.modelPath === '' || isAbsolute(facts.modelPath) || facts.modelPath.includes(':');
    const model = isHere ? facts.modelPath : relative(folder, join(sourceFolder, facts.modelPath));
    const file = Uri.file(join(folder, 'config.yaml'));
    const values = { modelPath: model.replaceAll('\\', '/'), jobName: name };
    const written = await app.language.setValues(text, values);
    if (written === undefined) {
      await sayByHand(sourceUri);
      return;
    }
    await workspace.fs.createDirectory(Uri.file(folder));
    await workspace.fs.writeFile(file, Buffer.from(written));
    await window.showTextDocument(file);
    const copy = l10n.t('Copy Client Snippet');
    const picked = await window.showInformationMessage(
      l10n.t('Set modelPath if "{0}" serves another model, then start it.', name),
      copy,
    );
    if (picked === copy) await executeOwn('copyClientSnippet', file);
  };
}
