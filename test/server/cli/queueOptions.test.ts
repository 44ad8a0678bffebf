import { expect, test } from 'vitest';
import { splitNames } from '../../../server/src/cli/queue/options.ts';

test('a name may stand before the ids, and only there', () => {
  expect(splitNames(['1-0', '2-0'])).toEqual({ jobName: undefined, ids: ['1-0', '2-0'] });
  expect(splitNames(['job', '1-0'])).toEqual({ jobName: 'job', ids: ['1-0'] });
  expect(splitNames([])).toEqual({ jobName: undefined, ids: [] });
});

test('an id that Redis would complete by itself is refused', () => {
  expect(() => splitNames(['job', '17'])).toThrow(expect.objectContaining({ code: 'wrong-use' }) as Error);
});
