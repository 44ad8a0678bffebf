import { anyInputName } from '../../../schemas/redis/queueReports.ts';

/** What a selected text is to be predicted as. */
export type Selection =
  /** JSON for `predict -`. */
  | { readonly kind: 'json'; readonly body: string }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'nothing' };

/** The base64 of the first bytes of a PNG or a JPEG file. */
const images = /^(?:iVBORw0KGgo|\/9j\/)[\w+/\s]*={0,2}$/;

/** Reads a selection: JSON instances or one of them, a list of numbers, an image as base64 or as a `data:` URI, or the
 *  path of a file, bare or quoted as it stands in a program. */
export function readSelection(selected: string): Selection {
  const text = selected.trim();
  if (text === '') return { kind: 'nothing' };
  const inner = /^(["'`])([\s\S]*)\1,?$/.exec(text)?.[2] ?? text;
  const base64 = inner.replace(/^data:image\/\w+;base64,/, '');
  if (images.test(base64)) return json({ [anyInputName]: { b64: base64.replaceAll(/\s/g, '') } });
  if (/^[[{]/.test(text)) {
    const value = parsed(text);
    if (value !== undefined) return ofJson(value, text);
  }
  return /[\r\n]/.test(inner) ? { kind: 'nothing' } : { kind: 'path', path: inner };
}

function ofJson(value: unknown, text: string): Selection {
  if (!Array.isArray(value)) {
    const isBody = typeof value === 'object' && value !== null && 'instances' in value;
    return isBody ? { kind: 'json', body: text } : json(value);
  }
  const areInstances =
    value.length > 0 && value.every((one) => typeof one === 'object' && !Array.isArray(one));
  return areInstances
    ? { kind: 'json', body: JSON.stringify({ instances: value }) }
    : json({ [anyInputName]: value });
}

function json(instance: unknown): Selection {
  return { kind: 'json', body: JSON.stringify({ instances: [instance] }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
