/** The variables of the environment that a config takes values from. */
export function environmentNames(text: string): readonly string[] {
  const spoken = text.replace(/^[ \t]*#.*$/gm, '');
  return [...new Set(Array.from(spoken.matchAll(/\$\{env:([A-Za-z_]\w*)\}/g), ([, name = '']) => name))];
}

/** Sets a key of a config's text, or adds it at the end. */
export function withValue(text: string, key: string, value: string): string {
  const line = new RegExp(`^${key}[ \\t]*:.*$`, 'im');
  const written = `${key}: ${/^[\w./-]+$/.test(value) ? value : JSON.stringify(value)}`;
  if (line.test(text)) return text.replace(line, () => written);
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${written}\n`;
}

/** `serving2`, `serving3`, …: the first that is free. */
export function freeName(taken: ReadonlySet<string>): string {
  let n = 2;
  while (taken.has(`serving${n}`)) n++;
  return `serving${n}`;
}
