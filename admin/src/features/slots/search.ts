import { choiceParam, compact, type RawSearch, textParam } from '@/lib/search';
import { isDay, mondayOf } from '@/lib/time';

/** "all" is a choice of its own: without one, the first service is shown so the week stays readable. */
export const slotsSearch = (search: RawSearch) =>
  compact({
    week: isDay(search.week) ? mondayOf(search.week) : undefined,
    service: textParam(search.service),
    provider: textParam(search.provider),
    show: choiceParam(search.show, ['free', 'taken']),
    slot: textParam(search.slot),
  });
