import type { ConfigKey } from '../../../../../schemas/config/configKey.ts';
import { configKeys, type KeyName } from '../../../../../schemas/config/configKeys.ts';
import type { Range } from '../../../../../schemas/config/problems.ts';
import type { Completion } from './completionItem.ts';
import type { ConfigText } from '../../configText.ts';
import { defaultText } from '../../keyText.ts';
import type { Workspace } from '../../workspace.ts';

interface Value {
  readonly text: string;
  readonly detail: string;
  readonly snippet?: string;
}

/** Values of a key: those that it knows, its default and example, and what the other configs of the workspace have. */
export function completeValue(
  { uri }: ConfigText,
  key: KeyName,
  range: Range,
  workspace: Workspace,
): Completion[] {
  const seen = new Set<string>();
  return [...known(configKeys[key], uri), ...elsewhere(key, uri, workspace)]
    .filter(({ text }) => text !== '' && !seen.has(text) && seen.add(text))
    .map(({ text, detail, snippet }, rank) => {
      const item = { label: text, kind: 'value', detail, range, text, rank } as const;
      return snippet === undefined ? item : { ...item, snippet };
    });
}

function known(row: ConfigKey, uri: string): Value[] {
  const standard = { text: defaultText(row), detail: 'default' };
  const example = { text: row.example, detail: 'example' };
  switch (row.type) {
    case 'boolean':
      return ['true', 'false'].map((text) => ({
        text,
        detail: String(row.default) === text ? 'default' : '',
      }));
    case 'enum':
      return row.values.map((text) => ({ text, detail: row.default === text ? 'default' : '' }));
    case 'filter':
      return [
        { text: 'topN(5)', detail: 'the 5 largest elements, with their indices', snippet: 'topN(${1:5})' },
        { text: 'pickTopN(5)', detail: 'the first 5 rows', snippet: 'pickTopN(${1:5})' },
      ];
    case 'version':
      return [
        { text: 'latest', detail: 'default' },
        { text: row.example, detail: 'number of the folder' },
      ];
    case 'size':
      return [standard, ...['512mb', '1g', '2g', '8g', '16g'].map((text) => ({ text, detail: '' }))];
    case 'imageSize':
      return ['224,224', '256,256', '299,299', '640,640'].map((text) => ({ text, detail: 'height,width' }));
    case 'string':
      return [standard, { text: folderName(uri), detail: 'name of the folder' }, example];
    case 'secret':
      return [
        { ...example, detail: 'from the environment', ...(row.snippet ? { snippet: row.snippet } : {}) },
      ];
    case 'hostPort':
    case 'brokers':
    case 'int':
    case 'path':
      return [standard, example];
  }
}

function elsewhere(key: KeyName, uri: string, workspace: Workspace): Value[] {
  const values = new Set<string>();
  for (const facts of workspace.all()) {
    if (facts.uri === uri || facts.jobName === '') continue;
    if (key === 'jobName') values.add(facts.jobName);
    if (key === 'redisUrl') values.add(facts.redis);
    for (const written of facts.addresses) if (written.key === key) values.add(written.address);
    // A list is read by people.
    if (values.size >= 50) break;
  }
  return [...values].map((text) => ({ text, detail: 'in another config of the workspace' }));
}

function folderName(uri: string): string {
  return /([\w-]+)\/[^/]*$/.exec(uri)?.[1] ?? '';
}
