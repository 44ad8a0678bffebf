/** Quotes a string as one word of a command line, to be pasted into a shell (POSIX). */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
