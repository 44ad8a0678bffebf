import { window, workspace, type Uri } from 'vscode';

/** The workspace's folder; of several the one that the user picks, and without any one on the disk. */
export async function pickFolder(openLabel: string): Promise<Uri | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length > 1) return (await window.showWorkspaceFolderPick())?.uri;
  const [only] = folders;
  if (only) return only.uri;
  const picked = await window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, openLabel });
  return picked?.[0];
}
