import { refuse, shown, type Reading } from './reading.ts';

/** A boolean, as Jackson reads it: YAML 1.1's words when they are not quoted, true and false when they are, and numbers,
 *  of which only 0 is false. */
export function readBoolean({
  text,
  quoted,
}: {
  readonly text: string;
  readonly quoted: boolean;
}): Reading<boolean> {
  const word = quoted ? text.trim() : text;
  if (/^(?:true|True|TRUE)$/.test(word)) return { value: true };
  if (/^(?:false|False|FALSE)$/.test(word)) return { value: false };
  if (!quoted) {
    if (/^(?:yes|Yes|YES|on|On|ON)$/.test(word)) return { value: true };
    if (/^(?:no|No|NO|off|Off|OFF)$/.test(word)) return { value: false };
    if (/^[-+]?\d[\d_]*$/.test(word)) return { value: !/^[-+]?[0_]+$/.test(word) };
  }
  return refuse('wrong-type', `true or false is wanted here, not ${shown(text)}.`, {
    allowed: ['true', 'false'],
  });
}
