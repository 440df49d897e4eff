// A sender's own Twilio account, as staff enter it.

export type AccountValues = {
  account_sid: string;
  auth_token: string;
  second_auth_token: string;
  api_key_sid: string;
  api_key_secret: string;
};

const sid = (prefix: 'AC' | 'SK', value: string): boolean => new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(value);

const secretProblem = (value: string): string | null =>
  /^[!-~]{1,200}$/.test(value.trim()) ? null : 'At most 200 characters, without spaces';

const optional = (value: string): string | null => (value.trim() ? secretProblem(value) : null);

/** What is wrong with each field, as the server will judge it too. */
export const accountProblems = {
  account_sid: (value: string) => (sid('AC', value.trim()) ? null : 'AC and 32 hexadecimal digits'),
  auth_token: (value: string) => (value.trim() ? secretProblem(value) : 'Enter the account’s auth token'),
  second_auth_token: optional,
  api_key_sid: (value: string, { api_key_secret }: AccountValues) => {
    if (value.trim()) return sid('SK', value.trim()) ? null : 'SK and 32 hexadecimal digits';
    return api_key_secret.trim() ? 'Goes with the secret' : null;
  },
  api_key_secret: (value: string, { api_key_sid }: AccountValues) => {
    if (value.trim()) return secretProblem(value);
    return api_key_sid.trim() ? 'Goes with the key' : null;
  },
};

const orLeftOut = (value: string): string | undefined => value.trim() || undefined;

/** The body to send: what is empty is left out. */
export const accountBody = (values: AccountValues) => ({
  account_sid: values.account_sid.trim(),
  auth_token: values.auth_token.trim(),
  second_auth_token: orLeftOut(values.second_auth_token),
  api_key_sid: orLeftOut(values.api_key_sid),
  api_key_secret: orLeftOut(values.api_key_secret),
});
