import type { Template } from './template.ts';

const maxEntries = 256;
const maxTemplateBytes = 65_536;

/** Keeps the templates of recent layouts, oldest dropped first. Large ones are made each time: making them costs
 *  little beside filling them, and keeping them would cost up to their size times the number of layouts. */
export function createTemplateCache(): (key: string, make: () => Template) => Template {
  const templates = new Map<string, Template>();
  return (key, make) => {
    const known = templates.get(key);
    if (known !== undefined) return known;
    const template = make();
    if (template.bytes.length > maxTemplateBytes) return template;
    if (templates.size === maxEntries) {
      const oldest = templates.keys().next();
      if (oldest.done !== true) templates.delete(oldest.value);
    }
    templates.set(key, template);
    return template;
  };
}
