import { pageLanguageOf } from '../../schemas/pages.ts';

/** Translates the texts of a page, which is written in English; what stands for `{0}` and so on comes after a text. */
export type Say<Message extends string> = (message: Message, ...args: readonly (string | number)[]) => string;

/** @param chinese  every text of the page, with its translation
 *  @param language  as `lang` says it, or as an editor does: `zh-cn` */
export function createText<Message extends string>(
  chinese: Readonly<Record<Message, string>>,
  language: string,
): Say<Message> {
  const isChinese = pageLanguageOf(language) === 'zh-CN';
  return (message, ...args) =>
    (isChinese ? chinese[message] : message).replace(/\{(\d)\}/g, (_, i: string) => String(args[Number(i)]));
}
