/* Names come from records, configs and Redis, written by anyone. In a log or on a terminal some letters do more than
   show: they end the line, move the cursor, set colours and titles, or turn the direction of the text around them. */

/** The control characters of ASCII and of Latin-1, the line and paragraph separators, and all marks of direction. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const acting = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** Those of them that JSON.stringify leaves as they are. */
const actingInJson = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text that shows as one line and does nothing else: what would act is written as `\n`, `\x1b` or `\u202e`. */
export function printable(text: string): string {
  return text.replace(acting, (letter) => short[letter] ?? escapeOf(letter));
}

/** The same for JSON, which still holds the same values. */
export function printableJson(json: string): string {
  return json.replace(actingInJson, unicodeEscape);
}

/** The beginning of a text, at most this many UTF-16 units of it: a character of two of them is not cut in half. */
export function beginning(text: string, most: number): string {
  return text.length > most ? text.slice(0, most).replace(/[\ud800-\udbff]$/, '') : text;
}

/** What was thrown, with its stack: the first line may hold names, those below it are places in our own code. */
export function printableStack(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  const { message, stack = `${error.name}: ${message}` } = error;
  const end = message === '' ? stack.indexOf('\n') : stack.indexOf(message) + message.length;
  const isOdd = end <= 0 || (message !== '' && !stack.includes(message));
  const head = isOdd ? stack : stack.slice(0, end);
  const frames = isOdd ? [] : stack.slice(end).split('\n').slice(1);
  return [head, ...frames].map(printable).join('\n');
}

function escapeOf(letter: string): string {
  const code = letter.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(letter);
}

function unicodeEscape(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
