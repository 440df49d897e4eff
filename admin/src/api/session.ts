import { useSuspenseQuery } from '@tanstack/react-query';
import { api } from './client';
import type { Me, Permission } from './types';

export const meOptions = api.queryOptions('get', '/api/admin/auth/me', {}, { staleTime: 5 * 60_000, retry: false });

/** Only below the signed-in layout, whose guard has loaded it. */
export function useMe() {
  return useSuspenseQuery(meOptions).data;
}

/** The zone every time in the dashboard is shown in. */
export function useZone(): string {
  return useMe().organization.timezone;
}

/** Whether whoever is signed in may do this; the server asks again. */
export const may = (me: Pick<Me, 'permissions'>, permission: Permission): boolean =>
  me.permissions.includes(permission);

export const useMay = (permission: Permission): boolean => may(useMe(), permission);
