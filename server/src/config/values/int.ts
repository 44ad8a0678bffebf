import { refuse, shown, type Reading } from './reading.ts';

const int32 = { min: -(2 ** 31), max: 2 ** 31 - 1 };

/** A whole number, as Jackson reads it for an int: quoted or not, underscores between digits, a fraction dropped when it
 *  is not quoted. Leading zeros do not make it octal, and hexadecimal is refused. */
export function readInt(
  written: { readonly text: string; readonly quoted: boolean },
  limits: { readonly min: number; readonly max?: number },
): Reading<number> {
  const text = written.text.trim();
  const isWhole = written.quoted ? /^[-+]?\d+$/ : /^[-+]?\d[\d_]*$/;
  const isFraction = /^[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?$/;
  const fraction = !written.quoted && isFraction.test(text);
  if (!fraction && !isWhole.test(text))
    return refuse('wrong-type', `A whole number is wanted here, not ${shown(text)}.`);
  const exact = Number(text.replaceAll('_', ''));
  // A number of Java has no zero with a sign.
  const value = Math.trunc(exact) + 0;
  if (!(value >= int32.min && value <= int32.max))
    return refuse('wrong-type', `${text} does not fit into 32 bits, which is all the space a number has.`);
  const max = limits.max ?? int32.max;
  if (value < limits.min || value > max)
    return refuse(
      'out-of-range',
      limits.max === undefined
        ? `${value} is too small: at least ${limits.min} is needed.`
        : `${value} is not within ${limits.min} and ${max}.`,
    );
  if (value === exact) return { value };
  return {
    value,
    ...refuse('truncated-number', `${text} is read as ${value}.`, { replacement: String(value) }),
  };
}
