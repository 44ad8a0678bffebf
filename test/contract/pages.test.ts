import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../server/src/config/readConfig.ts';
import { isRunnable, pages, readPage, runPages, snippetsOf } from '../support/pages.ts';
import { root } from '../support/serving.ts';

/* Marks of the pages: a runnable snippet (sh, python, js) is run by a test, or the comment <!-- not run: reason --> stands
   before it. YAML and JSON are parsed; a config must be one. */

const snippets = pages.flatMap(snippetsOf);

/** What links to the headings of a page are called. GitHub and VitePress differ where a heading has other characters. */
function anchorsOf(page: string): readonly string[] {
  const text = readPage(page).replace(/^ *```.*?^ *```$/gms, '');
  const headings = [...text.matchAll(/^#+ ([\w -]+)$/gm)].map(([, heading = '']) =>
    heading.toLowerCase().replaceAll(' ', '-'),
  );
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)];
}

/** The links of a page that are no addresses of the web. */
function linksOf(page: string): readonly string[] {
  const text = readPage(page)
    .replace(/^ *```.*?^ *```$/gms, '')
    .replace(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to).filter((to) => !/^\w+:/.test(to));
}

describe('links', () => {
  test.each(pages)('of %s lead to files and headings that exist', (page) => {
    const dead = linksOf(page).filter((to) => {
      const [path = '', anchor] = to.split('#');
      const target =
        path === ''
          ? page
          : relative(root, join(root, dirname(page), path))
              .split(sep)
              .join('/');
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(target).includes(anchor);
    });
    expect(dead).toEqual([]);
  });

  test('every page of docs is linked from the README, but the first page of the site', () => {
    const linked = linksOf('README.md').map((to) => to.split('#')[0]);
    const missing = pages.filter((page) => page.startsWith('docs/') && !linked.includes(page));
    expect(missing).toEqual(['docs/index.md']);
  });
});

describe('snippets', () => {
  test('of YAML are YAML, and configs have no errors', () => {
    const configs = snippets.filter(({ language }) => language === 'yaml');
    expect(configs.length).toBeGreaterThan(3);
    for (const { page, line, code } of configs) {
      const tags = ['!<ClusterServingMetaData>', '!<InferenceModelMetaData>'];
      const plain = tags.reduce((text, tag) => text.replaceAll(tag, ''), code);
      expect(parse(plain), `${page}:${line}`).toBeTypeOf('object');
      if (!/^modelPath:/m.test(code)) continue;
      const wrong = readConfig(code).problems.filter(({ severity }) => severity === 'error');
      expect(wrong, `${page}:${line}`).toEqual([]);
    }
  });

  test('of JSON are JSON', () => {
    for (const { page, line, code } of snippets.filter(({ language }) => language === 'json'))
      expect(JSON.parse(code), `${page}:${line}`).toBeTypeOf('object');
  });

  test('that can be run are run, or say why not', () => {
    const unknown = snippets.filter(
      (snippet) => isRunnable(snippet) && snippet.notRun === undefined && !runPages.includes(snippet.page),
    );
    expect(unknown.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });

  test('of languages that no test knows say why they are not run', () => {
    const known = ['', 'text', 'sh', 'python', 'js', 'yaml', 'json'];
    const unknown = snippets.filter(
      ({ language, notRun }) => !known.includes(language) && notRun === undefined,
    );
    expect(unknown.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });
});

test('the README fits on a screen', () => {
  expect(readPage('README.md').split('\n').length).toBeLessThanOrEqual(120);
});

test('the files that pages name exist', () => {
  const rooms = /^(schemas|server|client|flink|test|scripts|docs|bench|examples|syntaxes|media|bin|deploy)\//;
  const missing = pages
    .filter((page) => page !== 'CHANGELOG.md')
    .flatMap((page) =>
      [...readPage(page).matchAll(/`([^`\s]+)`/g)]
        .map(([, path = '']) => path)
        .filter((path) => rooms.test(path) && !/[*{<]/.test(path) && !existsSync(join(root, path)))
        .map((path) => `${page}: ${path}`),
    );
  expect(missing).toEqual([]);
});
