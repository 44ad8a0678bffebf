import { pageLanguageOf, type PageLanguage } from '../../../../schemas/pages.ts';

/** The language of a page that fits a reader best. @param header  `Accept-Language` of the request */
export function pageLanguage(header: string | undefined): PageLanguage {
  const wanted = (header ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((text) => text.trim());
      const weight = parameters.find((text) => text.startsWith('q='))?.slice(2);
      return { tag, weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ tag, weight }) => /^(zh|en)\b/i.test(tag) && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return pageLanguageOf(wanted[0]?.tag ?? '');
}
