import { Uri, env } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { isReachable } from '../../jobs/http/knownFrontends.ts';
import { pickHttp } from './pickHttp.ts';

/** Opens the page that shows and tries the requests; through the editor, for the frontend may be on another machine. */
export function openHttpDocs(app: App): Handler {
  return async (argument) => {
    const frontend = await pickHttp(app, argument, isReachable);
    if (!frontend) return;
    await env.openExternal(await env.asExternalUri(Uri.parse(`${frontend.url}/docs`)));
  };
}
