import { expect, test } from 'vitest';
import { ServingError, errorCodes, type ErrorCode } from '../../../schemas/errors.ts';
import { HttpError, errorReply, httpProblems, type HttpProblem } from '../../../server/src/http/httpError.ts';

test.each(Object.keys(httpProblems) as HttpProblem[])('%s is answered with its status and a text', (code) => {
  const { status, body } = errorReply(new HttpError(code, 'what'));
  expect([status, body.error]).toEqual([httpProblems[code], 'what']);
});

test.each(Object.keys(errorCodes) as ErrorCode[])(
  '%s of the other rooms is an error to the client',
  (code) => {
    const { status, body } = errorReply(new ServingError(code, 'what'));
    expect(body).toEqual({ error: 'what', code });
    expect(status).toBeGreaterThanOrEqual(400);
  },
);

test('Redis that is away is worth a retry, bad input is not', () => {
  expect(errorReply(new ServingError('redis-refused', 'x'))).toMatchObject({
    status: 503,
    headers: { 'retry-after': '1' },
  });
  expect(errorReply(new ServingError('input-mismatch', 'x'))).toMatchObject({ status: 400, headers: {} });
});

test('an unexpected error reveals nothing of itself to the client', () => {
  const reply = errorReply(new TypeError('secret detail'));
  expect([reply.status, reply.isBug]).toEqual([500, true]);
  expect(JSON.stringify(reply.body)).not.toContain('secret');
});
