/** Whether a path matches a glob: `*` and `?` within a part, `**` across parts, `{a,b}`, `[a-z]`, `[!a-z]`. A glob without a
 *  slash is about the last part of the path.
 *  @see the globs of VS Code, whose settings these are
 *  @returns undefined for a glob that is none, such as one with a bracket that is not closed */
export function globMatcher(glob: string): ((path: string) => boolean) | undefined {
  const pattern = glob.includes('/') ? glob.replace(/^\.?\//, '') : `**/${glob}`;
  const translated = translate(pattern);
  if (translated === undefined) return undefined;
  try {
    const whole = new RegExp(`(?:^|/)${translated}$`);
    return (path) => whole.test(path);
  } catch {
    // A class such as [z-a].
    return undefined;
  }
}

const tokens = /\*\*\/?|\[[!^]?\]?[^\]]*\]|[*?{},.+^$()|[\]\\]/g;

function translate(glob: string): string | undefined {
  let depth = 0;
  let faults = 0;
  const translated = glob.replace(tokens, (token) => {
    switch (token) {
      case '**/':
        return '(?:[^/]*/)*';
      case '**':
        return '.*';
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      case '{':
        depth++;
        return '(?:';
      case '}':
        depth--;
        if (depth < 0) faults++;
        return ')';
      case ',':
        return depth > 0 ? '|' : ',';
      case '[':
        faults++;
        return '';
      default:
        return token.length > 1 ? classOf(token) : `\\${token}`;
    }
  });
  return faults === 0 && depth === 0 ? translated : undefined;
}

/** `[!a-c]` as `[^a-c]`; never a slash. */
function classOf(token: string): string {
  const negated = /^\[[!^]/.test(token) ? '^' : '';
  const members = token.slice(1 + negated.length, -1);
  return `(?!/)[${negated}${members.replace(/[\\[\]^]/g, '\\$&')}]`;
}
