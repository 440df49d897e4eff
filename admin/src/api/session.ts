import { useSuspenseQuery } from '@tanstack/react-query';
import { api } from './client';
import type { Me } from './types';

export const meOptions = api.queryOptions('get', '/api/admin/auth/me', {}, { staleTime: 5 * 60_000, retry: false });

/** Only below the signed-in layout, whose guard has loaded it. */
export function useMe() {
  return useSuspenseQuery(meOptions).data;
}

/** The zone every time in the dashboard is shown in. */
export function useZone(): string {
  return useMe().organization.timezone;
}

/** A viewer looks at everything and changes nothing. */
export const mayWrite = (me: Pick<Me, 'user'>): boolean => me.user?.role !== 'viewer';

/** What costs money or concerns the whole organization. A program's key counts as an admin. */
export const mayAdminister = (me: Pick<Me, 'user'>): boolean => !me.user || me.user.role === 'admin';
