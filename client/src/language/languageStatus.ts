import { LanguageStatusSeverity, l10n, languages, window, type LanguageStatusItem } from 'vscode';
import { commandId } from '../../../schemas/editor/commands.ts';
import { configLanguageId } from '../../../schemas/editor/languageMessages.ts';
import type { Disposing } from '../disposing.ts';
import type { ConfigLanguage } from './configLanguage.ts';
import type { FileLanguages } from './fileLanguages.ts';

/** Shows behind the braces of the status bar whether the file is taken for a config and why, and the state of the server. */
export function createLanguageStatus(server: ConfigLanguage, files: FileLanguages): Disposing {
  const selector = { language: configLanguageId };
  const file = languages.createLanguageStatusItem('clusterServing.file', selector);
  const health = languages.createLanguageStatusItem('clusterServing.server', selector);
  file.name = l10n.t('Cluster Serving: whose file it is');
  health.name = l10n.t('Cluster Serving: language server');

  function draw(): void {
    const document = window.activeTextEditor?.document;
    const found = document && files.of(document);
    const isRecognised = document?.languageId === configLanguageId;
    const mightBe = !isRecognised && found?.kind === 'foreign' && found.ownKeys > 0;
    // Other YAML shows nothing of us.
    file.selector = mightBe ? [selector, { language: 'yaml' }] : selector;
    file.text = mightBe
      ? l10n.t('Not taken for a config of Cluster Serving')
      : found?.kind === 'servables'
        ? l10n.t('List of models for Cluster Serving')
        : l10n.t('Config of Cluster Serving');
    file.detail = found?.because ?? '';
    file.command = mightBe
      ? { title: l10n.t('It is one'), command: commandId('takeAsConfig') }
      : { title: l10n.t('Leave alone'), command: commandId('leaveAlone') };
    drawHealth(health, server);
  }

  const subscriptions = [files.onChange(draw), server.onChange(draw)];
  draw();
  return {
    dispose: () => {
      for (const one of [...subscriptions, file, health]) one.dispose();
    },
  };
}

function drawHealth(item: LanguageStatusItem, { state, lastError }: ConfigLanguage): void {
  item.text = {
    off: l10n.t('Language server: off'),
    starting: l10n.t('Language server: starting'),
    reading: l10n.t('Language server: reading the configs of the workspace'),
    ready: l10n.t('Language server: ready'),
    ended: l10n.t('Language server: ended'),
  }[state];
  item.busy = state === 'starting' || state === 'reading';
  item.detail = lastError === undefined ? '' : l10n.t('It has ended before: {0}', lastError);
  item.severity = state === 'ended' ? LanguageStatusSeverity.Error : LanguageStatusSeverity.Information;
  item.command = { title: l10n.t('Restart'), command: commandId('restartLanguageServer') };
}
