import { api } from './client';
import { useLive } from './live';
import { useMay } from './session';
import type { Inbox } from './types';

const POLL = 5_000;
/** Not everything that it counts is told of at once: a sender's failures, say. */
const LIVE_POLL = 30_000;

/** The badges' one poller; it rests while the tab is hidden, unless alerts from the background are wanted. */
export function useInboxPoll(inBackground: boolean) {
  // Who may not see it is refused each time, so it is not asked for.
  const enabled = useMay('analytics.read');
  const refetchInterval = useLive() === 'live' ? LIVE_POLL : POLL;
  return api.useQuery('get', '/api/inbox', {}, { enabled, refetchInterval, refetchIntervalInBackground: inBackground });
}

/** What the poller last heard; nothing, for whoever may not see it. */
export function useInbox(): Inbox | undefined {
  const enabled = useMay('analytics.read');
  return api.useQuery(
    'get',
    '/api/inbox',
    {},
    { enabled, staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false },
  ).data;
}
