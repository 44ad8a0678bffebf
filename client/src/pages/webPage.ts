import { randomBytes } from 'node:crypto';
import { Uri, env, type ExtensionContext, type Webview } from 'vscode';

/** The pages of the room web that panels of the editor show. */
export type PageName = 'monitor' | 'try' | 'records' | 'model';

/** Loads one of the pages of the room web into a panel. It talks by messages only and reaches no network: in a remote window
 *  it would reach the wrong machine's. */
export function loadPage({ extensionUri }: ExtensionContext, webview: Webview, name: PageName): void {
  const folder = Uri.joinPath(extensionUri, 'dist', 'web');
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  const script = webview.asWebviewUri(Uri.joinPath(folder, `${name}.js`)).toString();
  const nonce = randomBytes(16).toString('base64url');
  webview.html = `<!doctype html>
<html lang="${env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${nonce}'; style-src ${webview.cspSource}; img-src data:;">
<title>Cluster Serving</title>
</head>
<body>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
