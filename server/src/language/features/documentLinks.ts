import type { Range } from '../../../../schemas/config/problems.ts';
import { valueOf, type ConfigText } from '../configText.ts';
import type { Files } from '../files.ts';
import { modelFolderOf, modelOf } from '../world/modelFolder.ts';
import { trustStoresOf } from '../world/trustStore.ts';

export interface DocumentLink {
  readonly range: Range;
  readonly target: string;
}

/** Paths lead to what they name, as far as it exists; the address of Flink to its page; addresses in comments to where they point. */
export async function documentLinks(config: ConfigText, files: Files): Promise<DocumentLink[]> {
  const { text, read } = config;
  const links: DocumentLink[] = [];
  const folder = modelFolderOf(config, files);
  const paths = [{ range: read.origins.modelPath.valueRange, path: folder }, ...trustStoresOf(config, files)];
  for (const { range, path } of paths) {
    if (!range || path === undefined) continue;
    const place = await files.look(path);
    const model = path === folder ? await modelOf(config, files) : undefined;
    if (place.kind === 'file' || place.kind === 'folder')
      links.push({ range, target: files.uriOf(model ? `${model.folder}/${model.file}` : path) });
  }
  const { origin, valueRange } = read.origins.flinkRestUrl;
  if (origin !== 'default' && valueRange) {
    const { host, port } = valueOf(read, 'flinkRestUrl');
    links.push({ range: valueRange, target: `http://${host}:${port}` });
  }
  for (const match of text.matchAll(/https?:\/\/[^\s"'<>)\]]+/g))
    links.push({ range: { start: match.index, end: match.index + match[0].length }, target: match[0] });
  return links;
}
