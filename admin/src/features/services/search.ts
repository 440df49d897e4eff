import { compact, type RawSearch, textParam } from '@/lib/search';

/** The row that is open for editing, or "new". */
export const servicesSearch = (search: RawSearch) =>
  compact({ service: textParam(search.service), provider: textParam(search.provider) });
