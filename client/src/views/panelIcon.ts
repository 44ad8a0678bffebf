import { Uri } from 'vscode';

/** The icon of our panels' tabs: that of our files. */
export function panelIcon(extension: Uri): { readonly light: Uri; readonly dark: Uri } {
  const icon = (name: string) => Uri.joinPath(extension, 'media', name);
  return { light: icon('file-light.svg'), dark: icon('file-dark.svg') };
}
