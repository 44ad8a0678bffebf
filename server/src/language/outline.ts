/** The keys of a text, found line by line. */
export interface Outline {
  /** Of the first document. */
  readonly top: readonly { readonly name: string; readonly children: readonly string[] }[];
  /** Keys that stand in comments. */
  readonly commented: readonly string[];
}

/** Longer lines hold no key worth looking for. */
const maxLine = 200;
const keyPattern = /^("[^"]{1,60}"|'[^']{1,60}'|[^\s#:'"{}[\],&*!|>%@`-][^\s:#]{0,60})[ \t]*:(?=[ \t\r]|$)/;

/** Reads keys without reading YAML. What stands in lists, blocks of text and deeper than two levels is passed over. */
export function outlineOf(text: string): Outline {
  if (/^\s*\{/.test(text.slice(0, 1000))) return flowOutline(text);
  const top: { name: string; children: string[] }[] = [];
  const commented: string[] = [];
  let indent = -1;
  let childIndent = -1;
  for (const raw of text.split('\n')) {
    const line = raw.slice(0, maxLine).replace('\uFEFF', '');
    const content = line.trimStart();
    if (content.startsWith('#')) {
      const name = keyOf(content.replace(/^[#\s]+/, ''));
      if (name !== undefined) commented.push(name);
      continue;
    }
    if (/^---(?:\s|$)/.test(line)) {
      if (top.length > 0) break;
      continue;
    }
    if (content === '') continue;
    const name = keyOf(content);
    const depth = line.length - content.length;
    if (indent < 0) indent = depth;
    if (depth <= indent) {
      // An item of a list at the top is no key of ours, whatever it holds.
      if (name !== undefined) top.push({ name, children: flowChildren(content) });
      else if (content.startsWith('- ')) top.push({ name: '-', children: [] });
      childIndent = -1;
    } else if (name !== undefined) {
      if (childIndent < 0) childIndent = depth;
      if (depth === childIndent) top.at(-1)?.children.push(name);
    }
  }
  return { top, commented };
}

function keyOf(content: string): string | undefined {
  return keyPattern.exec(content)?.[1]?.replace(/^["']|["']$/g, '');
}

/** `params: {core_number: 4}` */
function flowChildren(content: string): string[] {
  const flow = /:[ \t]*\{([^}]*)\}?/.exec(content)?.[1];
  return flow === undefined ? [] : Array.from(flow.matchAll(/(\w+)[ \t]*:/g), ([, name = '']) => name);
}

/** JSON is YAML; its keys are all taken for keys at the top. */
function flowOutline(text: string): Outline {
  const names = text.slice(0, 16_384).matchAll(/["']?([A-Za-z_]\w{0,60})["']?[ \t]*:(?=[\s"'\d[{-]|\w)/g);
  return { top: Array.from(names, ([, name = '']) => ({ name, children: [] })), commented: [] };
}
