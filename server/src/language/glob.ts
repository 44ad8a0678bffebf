/** Whether a path matches a glob: `*` and `?` within a part, `**` across parts, `{a,b}`. A glob without a slash is about the
 *  last part of the path. */
export function matchesGlob(path: string, glob: string): boolean {
  const pattern = glob.includes('/') ? glob.replace(/^\.?\//, '') : `**/${glob}`;
  return new RegExp(`(?:^|/)${translate(pattern)}$`).test(path);
}

function translate(glob: string): string {
  return glob.replace(/\*\*\/?|[*?{},.+^$()|[\]\\]/g, (token) => {
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
        return '(?:';
      case '}':
        return ')';
      case ',':
        return '|';
      default:
        return `\\${token}`;
    }
  });
}
