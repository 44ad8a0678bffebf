export type FileKind = 'config' | 'servables' | 'foreign';

export interface Modeline {
  readonly kind: FileKind;
  readonly because: string;
}

/** Far enough for a licence above it. */
const maxLines = 30;

/** The line by which a file says whose it is: `# cluster-serving`, `# cluster-serving: servables`, `# cluster-serving: off`. */
export function findModeline(text: string): Modeline | undefined {
  // A modeline is short, and so are the lines above it; a file of one long line has none.
  const head = text.slice(0, 4096).split(/\r\n?|\n/, maxLines);
  for (const line of head) {
    const word = /^[\uFEFF \t]*#[ \t]*cluster-serving(?:[ \t]*:[ \t]*(config|servables|off))?[ \t\r]*$/.exec(
      line,
    );
    if (!word) continue;
    const kind = word[1] === 'off' ? 'foreign' : word[1] === 'servables' ? 'servables' : 'config';
    return { kind, because: `A comment in it says so: ${line.replace('\uFEFF', '').trim()}` };
  }
  return undefined;
}
