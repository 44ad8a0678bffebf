import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identityOf } from '../../../server/src/workspace/fileIdentity.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'identity-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Everything but letters is encoded, as some editors do. */
const encodedWholly = (path: string) =>
  `file://${path.replace(/[^\w/]/g, (c) => encodeURIComponent(c).replace(/[!'()*~.-]/g, (d) => `%${d.charCodeAt(0).toString(16)}`))}`;
const encodedHardly = (path: string) => `file://${path.replaceAll('%', '%25').replaceAll(' ', '%20')}`;

test('a file is the same however its URI is encoded', () => {
  for (const name of ['pro (copy)', 'a@b', "it's", 'a+b', 'a!b', 'a,b', 'a;b', 'a&b=c', 'a$b', 'a*b', 'a~b', 'ä 模型', 'a%b']) {
    const path = join(folder, name, 'config.yaml');
    mkdirSync(join(folder, name));
    writeFileSync(path, '');
    const identity = identityOf(pathToFileURL(path).href);
    expect([name, identityOf(encodedWholly(path))]).toEqual([name, identity]);
    expect([name, identityOf(encodedHardly(path))]).toEqual([name, identity]);
  }
}); // prettier-ignore

test('a file is the same through a link, also when it is gone or not written yet', () => {
  mkdirSync(join(folder, 'real'));
  symlinkSync(join(folder, 'real'), join(folder, 'link'));
  const [real, link] = ['real', 'link'].map((name) => pathToFileURL(join(folder, name, 'config.yaml')).href);
  expect(identityOf(link ?? '')).toBe(identityOf(real ?? ''));
  writeFileSync(join(folder, 'real', 'config.yaml'), '');
  expect(identityOf(link ?? '')).toBe(identityOf(real ?? ''));
});

test('a drive of Windows is the same in both cases, and encoded', () => {
  const all = ['file:///C:/a/config.yaml', 'file:///c:/a/config.yaml', 'file:///C%3A/a/config.yaml'];
  expect(new Set(all.map(identityOf)).size).toBe(1);
});

test('what is no file is itself', () => {
  for (const uri of ['untitled:Untitled-1', 'git:/a/config.yaml?x', 'file:///a%2Fb', 'vscode-remote://ssh/x'])
    expect(identityOf(uri)).toBe(uri);
});
