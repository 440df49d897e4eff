import { compact, type RawSearch, textParam } from '@/lib/search';

/** The weekly hours that are open for editing, or "new"; closed: the form for closed days. */
export const availabilitySearch = (search: RawSearch) =>
  compact({ hours: textParam(search.hours), closed: search.closed === 'new' ? ('new' as const) : undefined });
