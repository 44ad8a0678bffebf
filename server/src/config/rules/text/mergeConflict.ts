import type { Problem } from '../../../../../schemas/config/problems.ts';
import { problem } from '../../problem.ts';

/** The markers that git leaves; a line of equals signs alone is none. */
export function findConflicts(text: string): Problem[] {
  if (!/^\uFEFF?(?:<{7}|>{7})(?=[ \r\n]|$)/m.test(text)) return [];
  const markers = text.matchAll(/^\uFEFF?((?:<{7}|>{7}|\|{7}|={7})(?=[ \r\n]|$)[^\r\n]*)/gm);
  return Array.from(markers, (marker) => {
    const end = marker.index + marker[0].length;
    const range = { start: end - (marker[1] ?? '').length, end };
    return problem(
      'merge-conflict',
      range,
      'This marks a merge that is not resolved yet; nothing else is checked until it is.',
    );
  });
}
