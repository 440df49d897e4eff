import type { ApiProblem } from '@/api/problem';
import type { Me } from '@/api/types';

export type Account = NonNullable<Me['user']>;

/** What is wrong with each field, as a sentence: the server's words follow the name of the field. */
export const fieldErrors = (problem: ApiProblem, names: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    problem.fields
      .filter((f) => f.field in names)
      .map((f) => [f.field, `${names[f.field]} ${f.message}${f.message.endsWith('.') ? '' : '.'}`]),
  );

/** The kind of a device and its browser, as people call it; user agents name all their ancestors. */
export function deviceName(device: { kind: string; user_agent?: string | null }): string {
  const agent = device.user_agent ?? '';
  if (device.kind === 'bearer') return agent.split(/[/ ]/)[0] || 'A program';
  const system = [
    ['iPhone', 'iPhone'],
    ['iPad', 'iPad'],
    ['Android', 'Android'],
    ['Windows', 'Windows'],
    ['Mac OS X', 'Mac'],
    ['CrOS', 'ChromeOS'],
    ['Linux', 'Linux'],
  ].find(([mark]) => mark && agent.includes(mark))?.[1];
  const browser = [
    ['Edg/', 'Edge'],
    ['OPR/', 'Opera'],
    ['Firefox/', 'Firefox'],
    ['Chrome/', 'Chrome'],
    ['Safari/', 'Safari'],
  ].find(([mark]) => mark && agent.includes(mark))?.[1];
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? 'A browser';
}

/** For printing or keeping: what the codes are for, then one a line. */
export const recoverySheet = (username: string, codes: readonly string[]): string =>
  [
    `Frontdesk recovery codes of ${username}`,
    'Each works once, in place of the code of the app.',
    '',
    ...codes,
    '',
  ].join('\n');
