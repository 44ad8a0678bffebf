import { expect, test } from 'vitest';
import { traceparentName } from '../../../schemas/traceContext.ts';
import { marksOf } from '../../../server/src/queue/recordClient.ts';
import { recordFieldsOf } from '../../../server/src/queue/redis/recordFields.ts';

const trace = (id: string) => `00-${id.repeat(32)}-${id.repeat(16)}-01`;

test('the traces of a record come to the worker as they were sent', () => {
  const traceparent = `${trace('a')},${trace('b')}`;
  const fields = marksOf({ sharedBy: 2, traceparent }).map(String);
  expect(recordFieldsOf(['uri', 'u', ...fields])).toMatchObject({ uri: 'u', sharedBy: 2, traceparent });
});

test('a record without a trace has no such field, and what names none is as if it were not there', () => {
  expect(marksOf({ traceparent: undefined })).toEqual([]);
  expect(recordFieldsOf(['uri', 'u'])).not.toHaveProperty('traceparent');
  expect(recordFieldsOf([traceparentName, 'x\n\u202e'])).not.toHaveProperty('traceparent');
  expect(recordFieldsOf([traceparentName, `x,${trace('c')}`])).toMatchObject({ traceparent: trace('c') });
});

test('the version that a frontend has chosen for a record comes to the worker', () => {
  const fields = marksOf({ version: '2' }).map(String);
  expect(recordFieldsOf(['uri', 'u', ...fields])).toMatchObject({ version: '2' });
  expect(recordFieldsOf(['uri', 'u'])).not.toHaveProperty('version');
});
