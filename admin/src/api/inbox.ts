import { api } from './client';
import type { Inbox } from './types';

const POLL = 5_000;

/** The badges' one poller; it rests while the tab is hidden, unless alerts from the background are wanted. */
export function useInboxPoll(inBackground: boolean) {
  return api.useQuery('get', '/api/inbox', {}, { refetchInterval: POLL, refetchIntervalInBackground: inBackground });
}

/** What the poller last heard. */
export function useInbox(): Inbox | undefined {
  return api.useQuery('get', '/api/inbox', {}, { staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false })
    .data;
}
