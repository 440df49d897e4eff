import { describe, expect, it } from 'vitest';
import { ApiProblem } from '@/api/problem';
import { deviceName, fieldErrors, recoverySheet } from './forms';

describe('devices are called', () => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
  it.each([
    [{ kind: 'cookie', user_agent: chrome }, 'Chrome on Linux'],
    [{ kind: 'cookie', user_agent: `${chrome} Edg/140.0` }, 'Edge on Linux'],
    [
      {
        kind: 'cookie',
        user_agent:
          'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/19.0 Mobile Safari/604.1',
      },
      'Safari on iPhone',
    ],
    [{ kind: 'cookie', user_agent: null }, 'A browser'],
    [{ kind: 'bearer', user_agent: 'curl/8.5.0' }, 'curl'],
    [{ kind: 'bearer' }, 'A program'],
  ])('by what they say of themselves', (device, name) => expect(deviceName(device)).toBe(name));
});

it('makes sentences of what is wrong with a field', () => {
  const problem = new ApiProblem({
    status: 422,
    code: 'invalid_request',
    message: 'x',
    fields: [
      { field: 'new_password', code: 'weak_password', message: 'is among the first that anybody would try' },
      { field: 'body', code: 'invalid', message: 'is odd' },
    ],
  });
  expect(fieldErrors(problem, { new_password: 'This password' })).toEqual({
    new_password: 'This password is among the first that anybody would try.',
  });
});

it('puts each recovery code on a line of its own', () => {
  expect(recoverySheet('vera', ['a-1', 'b-2']).split('\n').slice(-3)).toEqual(['a-1', 'b-2', '']);
});
