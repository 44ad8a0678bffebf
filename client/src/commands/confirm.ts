import { window } from 'vscode';

/** Asks before what cannot be taken back, or is done with many. @returns whether to go on */
export async function confirm(question: string, detail: string, button: string): Promise<boolean> {
  return (await window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}
