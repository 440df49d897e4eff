import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { http } from '@/api/client';
import { usePoll } from '@/api/live';
import type { Slot } from '@/api/types';

const PAGE = 200;
const MAX_PAGES = 10;

type WeekFilter = { from: string; to: string; service_id?: string | undefined; provider_id?: string | undefined };

async function everySlot(filter: WeekFilter, signal: AbortSignal): Promise<{ slots: Slot[]; truncated: boolean }> {
  const slots: Slot[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { data } = await http.GET('/api/slots', { params: { query: { ...filter, limit: PAGE, cursor } }, signal });
    slots.push(...(data?.items ?? []));
    cursor = data?.next_cursor ?? undefined;
    if (!cursor) return { slots, truncated: false };
  }
  return { slots, truncated: true };
}

/** A calendar cannot "load more", so it reads the week's pages to the end. */
export function useWeekSlots(filter: WeekFilter, enabled: boolean) {
  return useQuery({
    queryKey: ['get', '/api/slots', 'week', filter],
    queryFn: ({ signal }) => everySlot(filter, signal),
    placeholderData: keepPreviousData,
    refetchInterval: usePoll(15_000),
    enabled,
  });
}
