import { stringify } from 'yaml';
import type { ConfigKey } from '../../../schemas/config/configKey.ts';
import { configKeys, keyNames, type KeyName } from '../../../schemas/config/configKeys.ts';

/** The config.yaml that `init` writes: every key as a comment with its meaning and default, and modelPath to fill in.
 *  @param given  values that are set in it */
export function configTemplate(given: Partial<Readonly<Record<KeyName, string>>> = {}): string {
  const paragraphs = keyNames.map((key) => {
    const row: ConfigKey = configKeys[key];
    const value = given[key];
    if (value !== undefined) return `${comment(row.meaning)}${stringify({ [key]: value }, { lineWidth: 0 })}`;
    const required = 'required' in row;
    return `${comment(row.meaning)}${required ? '' : '# '}${`${key}: ${defaultText(row)}`.trimEnd()}\n`;
  });
  return `---\n${paragraphs.join('\n')}`;
}

/** The longest line by yamllint's defaults. In UTF-16 units. */
const maxLine = 80;

/** Words as lines of comments. */
function comment(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && `${line} ${word}`.length <= maxLine)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`# ${word}`);
  }
  return `${lines.join('\n')}\n`;
}

/** A default as it would be written in the file; empty where nothing is the default. */
function defaultText({ default: value }: ConfigKey): string {
  return typeof value === 'object' ? `${value.host}:${value.port}` : String(value);
}
