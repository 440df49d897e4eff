import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';

export const STATUSES = ['held', 'confirmed', 'cancelled', 'completed', 'no_show', 'expired'] as const;

/** open: the appointment in the drawer; move: the one that gets another time; book: the form for a new one. */
export const appointmentsSearch = (search: RawSearch) =>
  compact({
    when: choiceParam(search.when, ['past']),
    status: choiceParam(search.status, STATUSES),
    service: textParam(search.service),
    provider: textParam(search.provider),
    q: textParam(search.q),
    open: textParam(search.open),
    move: textParam(search.move),
    book: search.book === 'new' ? ('new' as const) : undefined,
  });
