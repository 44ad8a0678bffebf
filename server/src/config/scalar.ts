import { readDocument } from './document.ts';

/** Where a value is to stand. */
export interface ScalarPlace {
  /** Between braces, where a comma ends a value. */
  readonly isFlow: boolean;
  /** The quote that it stands in already; '' for none. */
  readonly quote: '' | '"' | "'";
}

/** A text as it must be written to be read as that text: as it stands if it can, else quoted. Inside of quotes only what
 *  would end them is changed. */
export function asScalar(text: string, { isFlow, quote }: ScalarPlace): string {
  if (quote === "'") return text.replaceAll("'", "''");
  const quoted = JSON.stringify(text);
  if (quote === '"') return quoted.slice(1, -1);
  return known(text, isFlow) ? text : quoted;
}

/** What was asked of `isPlain`: the examples of all keys are offered at every completion. */
const answers = new Map<string, boolean>();
const maxAnswers = 500;

function known(text: string, isFlow: boolean): boolean {
  const question = `${isFlow ? '{' : ' '}${text}`;
  const answer = answers.get(question) ?? isPlain(text, isFlow);
  if (answers.size >= maxAnswers) answers.clear();
  if (text.length <= maxPlain) answers.set(question, answer);
  return answer;
}

/** Longer values are quoted without a question. In UTF-16 units. */
const maxPlain = 1_000;

/** The reader itself is asked: no list of special characters is as right. */
function isPlain(text: string, isFlow: boolean): boolean {
  if (/^[\w./][\w./-]*$/.test(text) && !/^null$/i.test(text)) return true;
  if (text.length > maxPlain || /[\r\n]/.test(text)) return false;
  const { keys, complete } = readDocument(isFlow ? `{a: ${text}, b: c}` : `a: ${text} # c\n`);
  const value = keys[0]?.value;
  return (
    complete &&
    keys.length === (isFlow ? 2 : 1) &&
    value?.kind === 'scalar' &&
    value.text === text &&
    !value.quoted
  );
}
