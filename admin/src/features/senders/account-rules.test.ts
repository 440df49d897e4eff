import { describe, expect, it } from 'vitest';
import { type AccountValues, accountBody, accountProblems } from './account-rules';

const values = (more: Partial<AccountValues> = {}): AccountValues => ({
  account_sid: `AC${'0'.repeat(32)}`,
  auth_token: 'secret',
  second_auth_token: '',
  api_key_sid: '',
  api_key_secret: '',
  ...more,
});

function problems(more: Partial<AccountValues>): Record<string, string> {
  const all = values(more);
  const named = Object.entries(accountProblems).map(([field, judge]) => [
    field,
    judge(all[field as keyof AccountValues], all),
  ]);
  return Object.fromEntries(named.filter(([, problem]) => problem !== null));
}

describe('a sender’s own account', () => {
  it('needs its id and its token, and nothing else', () => {
    expect(problems({})).toEqual({});
    expect(problems({ account_sid: ' ', auth_token: ' ' })).toEqual({
      account_sid: 'AC and 32 hexadecimal digits',
      auth_token: 'Enter the account’s auth token',
    });
    expect(problems({ account_sid: `SK${'0'.repeat(32)}` })).toHaveProperty('account_sid');
    expect(problems({ account_sid: ` AC${'aF'.repeat(16)} ` })).toEqual({});
  });

  it('takes no secret with spaces in it, or one too long', () => {
    expect(problems({ auth_token: 'two words' })).toHaveProperty('auth_token');
    expect(problems({ second_auth_token: 'é' })).toHaveProperty('second_auth_token');
    expect(problems({ auth_token: 'x'.repeat(200) })).toEqual({});
    expect(problems({ auth_token: 'x'.repeat(201) })).toHaveProperty('auth_token');
  });

  it('has a key with its secret, or neither', () => {
    const api_key_sid = `SK${'1'.repeat(32)}`;
    expect(problems({ api_key_sid, api_key_secret: 'secret' })).toEqual({});
    expect(problems({ api_key_sid })).toEqual({ api_key_secret: 'Goes with the key' });
    expect(problems({ api_key_secret: 'secret' })).toEqual({ api_key_sid: 'Goes with the secret' });
    expect(problems({ api_key_sid: 'SK1', api_key_secret: 'secret' })).toHaveProperty('api_key_sid');
  });

  it('is sent without what is empty', () => {
    expect(JSON.parse(JSON.stringify(accountBody(values({ auth_token: ' secret ', second_auth_token: ' ' }))))).toEqual(
      {
        account_sid: `AC${'0'.repeat(32)}`,
        auth_token: 'secret',
      },
    );
  });
});
