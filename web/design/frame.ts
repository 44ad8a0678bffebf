import { around, element } from './element.ts';
import { frameChinese } from './frameTexts.ts';
import { createText } from './createText.ts';

export type PageName = 'try' | 'monitor' | 'docs';

/** The bar above a page in a browser: the ways to the other pages. */
export function pageBar(shown: PageName, language: string): HTMLElement {
  const t = createText(frameChinese, language);
  const places = [
    ['try', '/', t('Try it')],
    ['monitor', '/monitor', t('Monitor')],
    ['docs', '/docs', t('HTTP interface')],
  ] as const;
  const nav = element('nav');
  nav.setAttribute('aria-label', t('Pages'));
  for (const [name, path, text] of places) {
    const link = element('a', '', text);
    link.href = path;
    if (name === shown) link.setAttribute('aria-current', 'page');
    nav.append(link);
  }
  return around('header', 'bar', element('span', 'brand', 'Cluster Serving'), nav);
}
