import { readInt } from './int.ts';
import { refuse, shown, type Reading } from './reading.ts';

/** `latest`, which is undefined, or the number of a version. */
export function readVersion(written: {
  readonly text: string;
  readonly quoted: boolean;
}): Reading<number | undefined> {
  const text = written.text.trim();
  if (text === '' || text.toLowerCase() === 'latest') return { value: undefined };
  if (!/^\d+$/.test(text))
    return refuse('wrong-type', `"latest" or the number of a version is wanted here, not ${shown(text)}.`, {
      replacement: 'latest',
    });
  return readInt({ text, quoted: true }, { min: 0 });
}
