import type { Me, Role } from '@/api/types';

/** Whether somebody may give the role to others: it has nothing that they lack. The server asks again. */
export const grantable = (role: Pick<Role, 'permissions'>, me: Pick<Me, 'permissions'>): boolean =>
  role.permissions.every((p) => me.permissions.includes(p));

/** Roles to choose from; `held` stays in the list although it may be out of reach. */
export function roleChoices(
  roles: readonly Role[],
  me: Pick<Me, 'permissions'>,
  held?: string,
): { value: string; label: string; disabled: boolean }[] {
  return roles.map((role) => ({
    value: role.id,
    label: role.name,
    disabled: role.id !== held && !grantable(role, me),
  }));
}

/** A header that makes a change fail where somebody else was faster. */
export const ifMatch = (version: number | null | undefined): { 'If-Match'?: string } =>
  version == null ? {} : { 'If-Match': `"${version}"` };

/** An invitation's link, which is only a path where the server does not know its own address. */
export const joinLink = (url: string, origin: string): string => new URL(url, origin).href;
