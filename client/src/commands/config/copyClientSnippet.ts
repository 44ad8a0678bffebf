import { Uri, env, l10n, window, workspace } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { clientSnippet, type SnippetLanguage } from '../../jobs/clientSnippet.ts';
import { frontendsOf, isReachable, knownFrontends } from '../../jobs/http/knownFrontends.ts';
import { redisOf } from '../../jobs/places.ts';
import { targetConfig } from '../target.ts';

const languages: readonly { readonly label: string; readonly language: SnippetLanguage }[] = [
  { label: 'Python', language: 'python' },
  { label: 'curl', language: 'curl' },
  { label: 'JavaScript', language: 'javascript' },
];

/** Copies a client for a config to the clipboard. */
export function copyClientSnippet(app: App): Handler {
  return async (argument) => {
    const target = await targetConfig(app, argument);
    if (!target) return;
    const { configPath } = target;
    const document = await workspace.openTextDocument(Uri.file(configPath));
    const facts = await app.language.facts(document.uri, document.getText());
    const picked =
      facts && (await window.showQuickPick(languages, { title: l10n.t('Client for which language?') }));
    if (!picked) return;
    const job = app.store
      .jobs()
      .find(({ workers }) => workers.some(({ registration }) => registration.configPath === configPath));
    const input = job?.workers.find(({ heartbeat }) => heartbeat)?.heartbeat?.inputs[0];
    const port = workspace.getConfiguration('clusterServing').get('http.port', 10_020);
    const known = knownFrontends(app.store.frontends(), app.http.all());
    const place = { redis: redisOf(facts), jobName: facts.jobName, configPath };
    const running = frontendsOf(place, known).find(isReachable);
    const httpUrl = running?.url ?? `http://127.0.0.1:${port}`;
    await env.clipboard.writeText(
      clientSnippet(picked.language, { facts, httpUrl, ...(input ? { input } : {}) }),
    );
    window.setStatusBarMessage(l10n.t('The {0} client is in the clipboard', picked.label), 5_000);
  };
}
