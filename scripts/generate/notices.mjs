import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const licenceFile = /^(licen[cs]e|copying|notice)/i;

/** Writes the licences of every package that the bundles hold parts of.
 *  @param {string} file
 *  @param {readonly { inputs: Record<string, unknown> }[]} metafiles  of esbuild, with paths from `root`
 *  @param {string} root
 *  @throws Error for a package that says nothing of its licence */
export function writeNotices(file, metafiles, root) {
  const folders = new Set(metafiles.flatMap(({ inputs }) => Object.keys(inputs)).flatMap(packageFolder));
  const notices = new Map();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    if (license === undefined) throw new Error(`${name} ${version} does not say what its licence is.`);
    notices.set(`${name} ${version} (${license})`, textsIn(join(root, folder)));
  }
  const parts = [...notices]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, text]) => `${title}\n\n${text}`);
  const head = 'The programs in this folder contain parts of these packages:';
  const list = [...notices.keys()].sort().map((title) => `- ${title}`);
  writeFileSync(file, [head, list.join('\n'), ...parts].join(`\n\n${'-'.repeat(78)}\n\n`));
}

/** The package that a file belongs to, the inmost one. */
function packageFolder(path) {
  const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path);
  return found ? [found[0]] : [];
}

function textsIn(folder) {
  const names = readdirSync(folder).filter((name) => licenceFile.test(name));
  if (names.length === 0) return 'The package brings no text of its licence.';
  return names.map((name) => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n');
}
