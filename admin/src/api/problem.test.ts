import { describe, expect, it } from 'vitest';
import { ApiProblem, formatWait, isUnauthenticated, parseRetryAfter, problemFromResponse, toProblem } from './problem';

const respond = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });

describe('problem documents', () => {
  it('become one kind of error', async () => {
    const problem = await problemFromResponse(
      respond(422, {
        type: 'about:blank',
        title: 'Invalid request',
        status: 422,
        code: 'invalid_request',
        detail: 'The body is not valid.',
        request_id: 'r-1',
        errors: [{ field: 'from', code: 'phone', message: 'Must be a phone number' }],
      }),
    );
    expect(problem).toMatchObject({
      status: 422,
      code: 'invalid_request',
      message: 'The body is not valid.',
      requestId: 'r-1',
    });
    expect(problem.field('from')).toBe('Must be a phone number');
    expect(problem.field('body')).toBeUndefined();
  });

  it('say known codes in plain words', async () => {
    expect((await problemFromResponse(respond(409, { code: 'slot_taken', detail: 'x' }))).message).toBe(
      'Someone just took that time. Choose another one.',
    );
    expect((await problemFromResponse(respond(401, { code: 'invalid_credentials' }))).message).toMatch(/don’t match/);
  });

  it('carry the wait of a 429', async () => {
    const problem = await problemFromResponse(respond(429, { code: 'too_many_attempts' }, { 'retry-after': '90' }));
    expect(problem.retryAfterSeconds).toBe(90);
    expect(problem.message).toBe('Too many attempts. Try again in 2 minutes.');
  });

  it('are made up for answers that are none', async () => {
    const problem = await problemFromResponse(respond(502, '<html>Bad gateway</html>', { 'x-request-id': 'r-2' }));
    expect(problem).toMatchObject({
      code: 'http_502',
      requestId: 'r-2',
      message: 'The server isn’t answering right now. Try again in a moment.',
    });
    expect((await problemFromResponse(respond(401, ''))).code).toBe('unauthenticated');
  });
});

it('turns whatever was thrown into a problem', () => {
  const known = new ApiProblem({ status: 404, code: 'not_found', message: 'x' });
  expect(toProblem(known)).toBe(known);
  expect(toProblem(new TypeError('null is not an object'))).toMatchObject({
    status: 0,
    code: 'unexpected',
    message: 'null is not an object',
  });
  expect(toProblem('odd').message).toBe('Something unexpected went wrong.');
});

it('tells a lost session from a wrong password', () => {
  const make = (code: string) => new ApiProblem({ status: 401, code, message: 'x' });
  expect(isUnauthenticated(make('unauthenticated'))).toBe(true);
  expect(isUnauthenticated(make('invalid_credentials'))).toBe(false);
  expect(isUnauthenticated(make('second_factor_required'))).toBe(false);
  expect(isUnauthenticated(make('second_factor_invalid'))).toBe(false);
  expect(isUnauthenticated(new TypeError())).toBe(false);
});

it('reads Retry-After in both its forms', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  expect(parseRetryAfter('30', now)).toBe(30);
  expect(parseRetryAfter('Tue, 24 Nov 2026 12:00:45 GMT', now)).toBe(45);
  expect(parseRetryAfter('soon', now)).toBeUndefined();
  expect(parseRetryAfter(null, now)).toBeUndefined();
});

it('rounds a wait up', () => {
  expect([0.2, 1, 59, 60, 61, 600].map(formatWait)).toEqual([
    '1 second',
    '1 second',
    '59 seconds',
    '1 minute',
    '2 minutes',
    '10 minutes',
  ]);
});
