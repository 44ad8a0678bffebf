/** A key and what stands after it on its line. */
export interface OutlineKey {
  readonly name: string;
  /** Without quotes and comment. */
  readonly value: string;
}

/** The keys of a text, found line by line. */
export interface Outline {
  /** Of the first document. */
  readonly top: readonly (OutlineKey & { readonly children: readonly OutlineKey[] })[];
  /** Keys that stand in comments. */
  readonly commented: readonly OutlineKey[];
}

/** Longer lines hold no key worth looking for. */
const maxLine = 200;
const keyPattern = /^("[^"]{1,60}"|'[^']{1,60}'|[^\s#:'"{}[\],&*!|>%@`-][^\s:#]{0,60})[ \t]*:(?=[ \t\r]|$)/;

/** Reads keys without reading YAML. What stands in lists, blocks of text and deeper than two levels is passed over. */
export function outlineOf(text: string): Outline {
  if (/^\s*\{/.test(text.slice(0, 1000))) return flowOutline(text);
  const top: (OutlineKey & { children: OutlineKey[] })[] = [];
  const commented: OutlineKey[] = [];
  let indent = -1;
  let childIndent = -1;
  for (const raw of text.split(/\r\n?|\n/)) {
    const line = raw.slice(0, maxLine).replace('\uFEFF', '');
    const content = line.trimStart();
    if (content.startsWith('#')) {
      const key = keyOf(content.replace(/^[#\s]+/, ''));
      if (key) commented.push(key);
      continue;
    }
    if (/^---(?:\s|$)/.test(line)) {
      if (top.length > 0) break;
      continue;
    }
    if (content === '') continue;
    const key = keyOf(content);
    const depth = line.length - content.length;
    if (indent < 0) indent = depth;
    if (depth <= indent) {
      // An item of a list at the top is no key, whatever it holds.
      if (key) top.push({ ...key, children: flowChildren(content) });
      else if (content.startsWith('- ')) top.push({ name: '-', value: '', children: [] });
      childIndent = -1;
    } else if (key) {
      if (childIndent < 0) childIndent = depth;
      if (depth === childIndent) top.at(-1)?.children.push(key);
    }
  }
  return { top, commented };
}

function keyOf(content: string): OutlineKey | undefined {
  const found = keyPattern.exec(content);
  if (!found) return undefined;
  return { name: unquoted(found[1] ?? ''), value: valueIn(content.slice(found[0].length)) };
}

/** What is left of a line's rest without comment and quotes. */
function valueIn(rest: string): string {
  return unquoted(rest.replace(/(?:^|\s)#.*$/, '').trim());
}

function unquoted(text: string): string {
  return text.replace(/^["']|["']$/g, '');
}

/** `params: {core_number: 4}` */
function flowChildren(content: string): OutlineKey[] {
  const flow = /:[ \t]*\{([^}]*)\}?/.exec(content)?.[1];
  if (flow === undefined) return [];
  return Array.from(flow.matchAll(/(\w+)[ \t]*:([^,]*)/g), ([, name = '', value = '']) => ({
    name,
    value: valueIn(value),
  }));
}

/** What a mapping in braces is made of, as far as keys need it: strings, brackets, and words. A brace after a dollar
 *  begins no mapping. */
const flowTokens =
  /"(?:[^"\\\n]|\\.){0,200}"|'[^'\n]{0,200}'|#[^\n]*|\$\{[^}\n]{0,100}\}|[{}[\]:,]|[^\s"'{}[\]:,]+/g;

/** JSON is YAML: the keys of the outer braces, and those of the braces right within. */
function flowOutline(text: string): Outline {
  const top: (OutlineKey & { children: OutlineKey[] })[] = [];
  let depth = 0;
  let [isKey, name, value] = [true, '', ''];
  const nested: OutlineKey[] = [];
  const open: string[] = [];
  const end = (at: number) => {
    if (name !== '' && at === 1) top.push({ name, value, children: nested.splice(0) });
    if (name !== '' && at === 2) nested.push({ name, value });
    [isKey, name, value] = [true, '', ''];
  };
  for (const [token] of text.slice(0, 16_384).matchAll(flowTokens)) {
    if (token.startsWith('#')) continue;
    if (token === '{' || token === '[') {
      depth++;
      open.push(name);
      [isKey, name, value] = [true, '', ''];
    } else if (token === '}' || token === ']') {
      end(depth);
      depth--;
      if (depth === 0) break;
      [isKey, name] = [false, open.pop() ?? ''];
    } else if (token === ',') end(depth);
    else if (isKey && token === ':') isKey = false;
    else if (isKey) name = unquoted(token);
    else value += unquoted(token);
  }
  end(depth);
  return { top, commented: [] };
}
