import { api } from './client';
import type { SimulatedClock } from './types';

/** What time it is in the organization: asked now and then, and often while somebody may set it. */
export function useOrganizationClock(): SimulatedClock | undefined {
  return api.useQuery(
    'get',
    '/api/simulator/clock',
    {},
    {
      refetchInterval: (query) => (query.state.data?.simulation ? 5_000 : 60_000),
      refetchIntervalInBackground: false,
    },
  ).data;
}

/** Milliseconds by which the organization's clock is ahead of the machine's; 0 where nobody set it. */
export const useAhead = (): number => (useOrganizationClock()?.ahead_seconds ?? 0) * 1000;
